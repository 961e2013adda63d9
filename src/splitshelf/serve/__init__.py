"""What we show: placements, rules, ranking, exploration, reasons, and the Recommender over them."""
