"""Docker Engine through its API, over a link: no docker program and no socket file are needed on the workstation."""
