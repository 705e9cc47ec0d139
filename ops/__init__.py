"""The `yoin` command, for people: normalize, replay, explain, preview, serve, demo."""
