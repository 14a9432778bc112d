"""Composition root: settings, wiring, state store. With function_app the only place that knows Azure."""
