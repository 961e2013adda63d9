"""The demonstration shop: pages that show every placement at work, and send what shoppers do."""
