"""What happened: told on the screen once, listed for a week, and watched for when somebody asks for it."""
