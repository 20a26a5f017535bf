"""What every engine promises, held by one that lives in memory."""
