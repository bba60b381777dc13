"""Settings. Without any variable set: one process, SQLite, in-memory channel layer and broker. See README for the variables."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _kept_secret() -> str:
    """A key made once per data directory: nothing to set on one machine, nothing guessable in the repository."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = os.environ.get("SECRET_KEY") or _kept_secret()
DEBUG = flag("DEBUG")
ALLOWED_HOSTS = [h for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h] or ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]
PIXSIM_DEMO = flag("PIXSIM_DEMO")
PIXSIM_SIGNUP_AUTHORS = flag("PIXSIM_SIGNUP_AUTHORS", PIXSIM_DEMO)

INSTALLED_APPS = [
    "pixsim.apps.PixsimConfig",
    "pixsim.apps.AuthorSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "channels",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "generation",
    "worlds",
    "npcs",
    "scenes",
    "sessions.apps.SessionsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "pixsim.urls"
ASGI_APPLICATION = "pixsim.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# -- accounts ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "pixsim.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/play/"
LOGOUT_REDIRECT_URL = "/"

# Keys of what is kept encrypted, the sealing one first: name:key,name:key. Empty: a file in DATA_DIR, made at first use.
APP_FIELD_KEYS = os.environ.get("APP_FIELD_KEYS", "")

# -- database ---------------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES: dict[str, dict[str, Any]]
if DATABASE_URL:
    _url = urlsplit(DATABASE_URL)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _url.path.lstrip("/"),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": _url.hostname or "",
            "PORT": str(_url.port or ""),
            # Under ASGI a kept connection leaks per thread; the pool keeps them instead.
            "CONN_MAX_AGE": 0,
            "OPTIONS": {"pool": {"min_size": 1, "max_size": int(os.environ.get("DB_POOL_MAX", "10")), "timeout": 10}},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "pixsim.sqlite3"),
            # A file for tests too: in memory, threads share a cache whose locks know no timeout.
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
            "OPTIONS": {
                "timeout": 20,
                # DEFERRED fails at once with "database is locked" when a reader turns writer; see docs/decisions.
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    }

# -- Redis, channel layer, cache, Celery ------------------------------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL", "")
if REDIS_URL:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL], "prefix": "pixsim"}}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 3600}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CELERY_BROKER_URL = "memory://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.1}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "render-due": {"task": "generation.tasks.render_due", "schedule": 2.0, "options": {"expires": 5}},
    "sweep-generations": {"task": "generation.tasks.sweep_generations", "schedule": 2.0, "options": {"expires": 5}},
    "make-due-reports": {"task": "sessions.tasks.make_due_reports", "schedule": 60.0, "options": {"expires": 50}},
    "count-funnels": {"task": "sessions.tasks.count_funnels", "schedule": 60.0, "options": {"expires": 50}},
    "finish-overdue-turns": {"task": "sessions.tasks.finish_overdue_turns", "schedule": 5.0, "options": {"expires": 5}},
    "forget-raw-answers": {"task": "sessions.tasks.forget_raw_answers", "schedule": 6 * 3600.0},
}

# -- REST -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["pixsim.auth.TokenAuthentication", "rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["pixsim.lib.api.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "pixsim.lib.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "pixsim.lib.api.AlwaysJSON",
    "EXCEPTION_HANDLER": "pixsim.lib.api.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "AUTO_REFRESH": False}
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 220 * 1024 * 1024  # the parsers and views have their own, smaller limits with readable answers
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "PixSim",
    "DESCRIPTION": "Story worlds: authored, played, made.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "AssetStatus": "generation.models.Asset.Status",
        "GenerationStatus": "generation.models.Generation.Status",
        "ReportStatus": [(name, name) for name in ("waiting", "running", "done", "failed")],
        "SettleOutcome": [("not_sent", "not_sent"), ("charged", "charged")],
        "TurnOutcome": [("applied", "applied"), ("late", "late")],
    },
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PATH_CONVERTER_OVERRIDES": {
        "id": {"type": "integer", "minimum": 1},
        "key": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_]{0,79}$"},
    },
}

# -- pages, files -----------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
FILE_UPLOAD_PERMISSIONS = 0o644

# -- dialogue ---------------------------------------------------------------------------------------------------------
# How long answers of models are kept word for word.
DIALOGUE_RAW_DAYS = int(os.environ.get("DIALOGUE_RAW_DAYS", "30"))

# -- providers --------------------------------------------------------------------------------------------------------
# host:port on this machine or network that accounts may name as their base URL, over plain HTTP: a ComfyUI, the fake providers.
PROVIDER_LOCAL_HOSTS = [h for h in os.environ.get("PROVIDER_LOCAL_HOSTS", "").lower().split(",") if h]
# A folder of workflow templates (see generation/providers/comfyui.py). Graphs can name code, so only who runs the site writes them.
COMFYUI_WORKFLOWS = os.environ.get("COMFYUI_WORKFLOWS") or BASE_DIR / "generation" / "providers" / "workflows"

# -- people -----------------------------------------------------------------------------------------------------------
# Shown to a player whose own words say that he wants to harm himself. Name the help there is where your players live.
CRISIS_TEXT = os.environ.get("CRISIS_TEXT") or (
    "This is only a story, but you matter. If you are thinking of hurting yourself, please talk to someone now: in the EU call 112 or 116 123, "
    "in the US and Canada call or text 988, elsewhere findahelpline.com knows who is there for you. Your game waits, and you can go on at any time."
)

# -- models of language ------------------------------------------------------------------------------------------------
# An OpenAI-compatible server for dialogue without a row in the admin; used only where a model is named.
OPENAI_MODEL = os.environ.get("OPENAI_MODEL", "")
OPENAI_BASE_URL = os.environ.get("OPENAI_BASE_URL", "")
OPENAI_API_KEY = os.environ.get("OPENAI_API_KEY", "")
# What models may be asked for: scope:tokens:credits, where a credit is a US cent. A turn, and a UTC day of a player, a world and the whole site.
DIALOGUE_CAPS = os.environ.get("DIALOGUE_CAPS") or "turn:8000:10,player:200000:100,world:1000000:500,site:5000000:2000"

# -- security ---------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # our own pages show our own pages: a scene beside its place, a playtest over the graph
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = flag("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
        "manifest-src": ["'self'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
