"""What runs on the hosts: started, stopped and removed, looked into, made again."""
