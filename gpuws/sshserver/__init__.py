"""An SSH server over a pair of descriptors, never a port: each program, file transfer and forwarded connection that a
client asks for is opened in a host or a workspace by the fleet. Only here and in `link` is paramiko known."""
