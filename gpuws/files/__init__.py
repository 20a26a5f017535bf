"""Files of any place as a tar: read, packed, looked through, unpacked and put into their places."""
