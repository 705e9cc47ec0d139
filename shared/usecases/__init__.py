"""What Yoin does, step by step: ports in, typed outcomes out."""
