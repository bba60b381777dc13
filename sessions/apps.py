from __future__ import annotations

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    label = "game_sessions"  # `sessions` belongs to django.contrib.sessions
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Game sessions"

    def ready(self) -> None:
        from generation import subjects
        from npcs.lab import previewing
        from scenes import bundle
        from worlds import history
        from worlds.services import before_deleting

        from . import author_home
        from . import storytest_services as tests
        from .models import StoryTest
        from .prompt_serializers import scenarios_json
        from .services import leave_world
        from .subjects import Worlds

        subjects.register(Worlds())
        before_deleting(leave_world)
        history.register(StoryTest, tests.part)
        bundle.register("story_tests", bundle.Companion("story_test", tests.entries, tests.errors, tests.save_entries))
        previewing.register(scenarios_json)
        author_home.register()
