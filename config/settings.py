"""All settings, in sections. The only module that reads the environment.

`docs/operating.md` explains every variable.
"""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from config.embedded_redis import default_redis_url
from config.logs import worth_a_line
from config.readers import Readers, kept_secret, make_credentials_key, make_secret_key, parse_credentials_keys

BASE_DIR = Path(__file__).resolve().parent.parent
_read = Readers(os.environ)

# --- Kind of installation, running state, keys ---

ISTHMUS_ENV = _read.choice("ISTHMUS_ENV", options=("development", "production"), default="development")
PRODUCTION = ISTHMUS_ENV == "production"
VAR = Path(_read.text("ISTHMUS_VAR", default=str(BASE_DIR / "var"))).expanduser().resolve()
VAR.mkdir(parents=True, exist_ok=True, mode=0o700)

DEBUG = _read.flag("DEBUG")
SECRET_KEY = _read.text("SECRET_KEY")
_credentials_words = _read.words("CREDENTIALS_KEYS")
if PRODUCTION:
    if not SECRET_KEY:
        raise ImproperlyConfigured("SECRET_KEY is missing. Set it to a long random text: openssl rand -base64 50")
    if not _credentials_words:
        raise ImproperlyConfigured("CREDENTIALS_KEYS is missing. Set it to a key made with: openssl rand -base64 32")
else:
    SECRET_KEY = SECRET_KEY or kept_secret(VAR / "secret_key", make_secret_key)
    _credentials_words = _credentials_words or [kept_secret(VAR / "credentials_key", make_credentials_key)]
# The first key encrypts, all decrypt; 32 bytes each.
CREDENTIALS_KEYS: tuple[bytes, ...] = parse_credentials_keys(_credentials_words)

ALLOWED_HOSTS = _read.words("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]

# --- Applications ---

INSTALLED_APPS = [
    "config",  # before django_rq: our `rqworker` command wins
    "tenancy",
    "webhooks",
    "connectors",
    "migrations_app",
    "sync",
    "unfold",  # before the admin it restyles
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_rq",
    "django_htmx",
]

UNFOLD = {
    "SITE_TITLE": "Isthmus",
    "SITE_HEADER": "Isthmus",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("console/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/icon.svg")},
    ],
    "STYLES": [lambda request: static("isthmus/admin.css")],
    "SCRIPTS": [lambda request: static("isthmus/admin.js")],
    "SHOW_HISTORY": True,
    # The console's accent.
    "COLORS": {
        "primary": {
            "50": "#eef8f8",
            "100": "#dcefee",
            "200": "#b5dfdd",
            "300": "#86d6d3",
            "400": "#5cc0bd",
            "500": "#2c9491",
            "600": "#0f6b6b",
            "700": "#0a5252",
            "800": "#0b4343",
            "900": "#0d3838",
            "950": "#06201f",
        }
    },
}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.content_policies.ContentPolicies",
    "config.compression.Compression",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.error_pages.ConsoleErrors",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
# Documented paths are routed exactly as documented; a redirect would lose a POST's body.
APPEND_SLASH = False

TEMPLATES: list[dict[str, Any]] = [
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

# --- Database ---

_database: dict[str, Any] = _read.database(default=VAR / "isthmus.sqlite3")
SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    _database["OPTIONS"] = {
        # A transaction that will write takes the write lock at its beginning and waits for it; one that upgrades
        # later would fail at once with "database is locked", whatever the timeout.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True  # a restarted server costs one connection, not one request
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        # Every ASGI request runs in a thread of its own, so connections are shared through a pool.
        "pool": {"min_size": 1, "max_size": 16, "timeout": 10},
        # A process that hangs inside a transaction would hold a run's row for ever.
        "options": "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=30000",
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis, queues, cache ---

_redis_given = _read.address("REDIS_URL", default="", schemes=("redis", "rediss", "unix"))
REDIS_EMBEDDED = not _redis_given
REDIS_URL = _redis_given or default_redis_url(VAR)


def _queue(seconds: int) -> dict[str, Any]:
    """One named queue; the time-out is a last resort, jobs end their slices far earlier by themselves."""
    return {
        "URL": REDIS_URL,
        "DEFAULT_TIMEOUT": seconds,
        "DEFAULT_RESULT_TTL": 60,
        "SERIALIZER": "rq.serializers.JSONSerializer",  # ids and plain values only, never pickles
    }


RQ_QUEUES = {
    "runs": _queue(300),
    "scans": _queue(3600),
    "resyncs": _queue(300),
    "synchronizations": _queue(300),
    "default": _queue(120),
}
RQ = {
    "COMMIT_MODE": "auto",  # tenancy.queueing waits for the commit itself
    "WORKER_CLASS": "config.workers.Worker",
}
RQ_SHOW_ADMIN_LINK = False

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
    # For what must not leave the process: verified Basic passwords.
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "isthmus"},
}

# --- Sign-in ---

AUTH_USER_MODEL = "tenancy.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "tenancy_console:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "tenancy_console:sign_in"
CSRF_FAILURE_VIEW = "config.error_pages.csrf_failure"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- REST surfaces ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenancy.authentication.BearerAuthentication",
        "tenancy.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tenancy.permissions.IsMember"],
    "DEFAULT_PARSER_CLASSES": ["tenancy.bodies.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api_errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": False,
    "NUM_PROXIES": 0,  # the ASGI server has already replaced the address when the proxy is trusted
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Isthmus",
    "DESCRIPTION": "Audit, migrate, prove and keep alike: from Azure DevOps to Jira Cloud.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["tenancy.permissions.IsMember"],
    "SERVE_AUTHENTICATION": [
        "tenancy.authentication.BearerAuthentication",
        "tenancy.authentication.TokenAuthentication",
        "tenancy.authentication.SessionAuthentication",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["sync.openapi.one_mount"],
    # Choices that several bodies share, by the name a reader of the document expects.
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStatus": "webhooks.models.DeliveryStatus",
        "ProjectStatus": "migrations_app.models.ProjectStatus",
        "ProjectSystem": "migrations_app.models.System",
        "RunStatus": "migrations_app.engine.state.RunStatus",
        "ScanStatus": "connectors.models.ScanStatus",
        "SynchronizationStatus": "sync.models.SynchronizationStatus",
    },
}

# --- Platforms we reach ---

AZURE_DEVOPS_URL = _read.address("AZURE_DEVOPS_URL", default="https://dev.azure.com")
GITHUB_API_URL = _read.address("GITHUB_API_URL", default="https://api.github.com")
# host:port pairs that may be contacted although their address is loopback or private.
ALLOW_PRIVATE_TARGETS = _read.targets("ALLOW_PRIVATE_TARGETS")
OUTBOUND_PROXY = _read.address("OUTBOUND_PROXY", default="", schemes=("http", "https"))
CA_BUNDLE = _read.file("CA_BUNDLE")

# --- Runs ---

LEASE_SECONDS = _read.seconds("LEASE_SECONDS", default=30)
SWEEP_SECONDS = _read.seconds("SWEEP_SECONDS", default=30)
UNCLEAR_WAIT = _read.seconds("UNCLEAR_WAIT", default=60)
# By how many workers, those of other machines included, the platforms' limits are shared while Redis is gone.
WORKERS = _read.count("WORKERS", default=2)

# --- Synchronizations ---

# Passes that one worker has under way at once. SQLite has one writer: more would only wait for each other.
SYNC_PASSES_AT_ONCE = 1 if SQLITE else 4

# --- Static files, language, time ---

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise complains about a missing one
STATICFILES_DIRS = [path for path in (BASE_DIR / "static",) if path.is_dir()]
WHITENOISE_USE_FINDERS = True  # libraries come from installed packages; there is no collect step
WHITENOISE_AUTOREFRESH = DEBUG
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- Watching ---

METRICS_TOKEN = _read.text("METRICS_TOKEN")
LOG_FORMAT = _read.choice("LOG_FORMAT", options=("text", "json"), default="text")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "config.logs.TextFormatter"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "filters": {"worth_a_line": {"()": "django.utils.log.CallbackFilter", "callback": worth_a_line}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django would add handlers of its own and write every 4xx as a warning.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR", "filters": ["worth_a_line"]},
        "django.server": {"handlers": [], "propagate": True},
        "uvicorn": {"level": "WARNING"},
        "rq": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
    },
}


def child_environment(changes: dict[str, str]) -> dict[str, str]:
    """The environment for a child process of ours: this one's with changes."""
    return {**os.environ, **changes}
