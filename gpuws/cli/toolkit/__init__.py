"""What commands share: options, the fleet they open, targets, questions, output."""
