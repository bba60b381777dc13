from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PixsimConfig(AppConfig):
    name = "pixsim"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Accounts"


class AuthorSiteConfig(AdminConfig):
    default_site = "pixsim.admin_site.AuthorSite"
