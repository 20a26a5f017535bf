"""From a host of the configuration to a link: straight, by a proxy, or by jump hosts."""
