"""A host reached by the system's own ssh: it logs in and encrypts, gpuws' channels go through its socket."""
