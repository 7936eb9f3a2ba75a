"""What the policy documents demand: profiles, deadlines, permits and who pays."""
