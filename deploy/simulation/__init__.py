"""The main job on real figures: referrals made from a population, sent, offered and answered on a running stack."""
