"""The fine-tune itself: rollouts, GRPO, its guards, and the plain trainings beside it (SFT, pretraining)."""
