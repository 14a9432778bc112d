"""The tables of the mail service. MIME lies as a blob beside a JSON projection of it."""

from sandbox.graph.values import Database

TABLES = (
    """CREATE TABLE IF NOT EXISTS graph_mailbox (
        address TEXT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,
        kind TEXT NOT NULL, access INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS graph_folder (
        id TEXT PRIMARY KEY, mailbox TEXT NOT NULL, parent TEXT, well_known TEXT, name TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS graph_folder_mailbox ON graph_folder (mailbox, parent)",
    "CREATE TABLE IF NOT EXISTS graph_folder_change (folder TEXT PRIMARY KEY, mailbox TEXT, change INTEGER)",
    """CREATE TABLE IF NOT EXISTS graph_category (
        id TEXT PRIMARY KEY, mailbox TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, color TEXT NOT NULL,
        UNIQUE (mailbox, name))""",
    # change: last change; full_change: last change of more than the read mark; entered: arrival in the folder.
    """CREATE TABLE IF NOT EXISTS graph_message (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, immutable_id TEXT NOT NULL UNIQUE,
        current_id TEXT NOT NULL UNIQUE, mailbox TEXT NOT NULL, folder TEXT NOT NULL,
        conversation TEXT NOT NULL, message_id TEXT, received TEXT NOT NULL, sent TEXT, created TEXT NOT NULL,
        modified TEXT NOT NULL, is_draft INTEGER NOT NULL, doc TEXT NOT NULL, mime BLOB,
        change INTEGER NOT NULL, full_change INTEGER NOT NULL, entered INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS graph_message_folder ON graph_message (folder, change)",
    "CREATE INDEX IF NOT EXISTS graph_message_received ON graph_message (folder, received)",
    "CREATE INDEX IF NOT EXISTS graph_message_conversation ON graph_message (mailbox, conversation)",
    "CREATE INDEX IF NOT EXISTS graph_message_message_id ON graph_message (mailbox, message_id)",
    "CREATE INDEX IF NOT EXISTS graph_message_folder_id ON graph_message (folder, message_id)",
    """CREATE TABLE IF NOT EXISTS graph_property (
        message TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL COLLATE NOCASE,
        PRIMARY KEY (message, name))""",
    "CREATE INDEX IF NOT EXISTS graph_property_value ON graph_property (name, value)",
    # content is NULL while the bytes lie in part number `part` of the message's MIME.
    """CREATE TABLE IF NOT EXISTS graph_attachment (
        id TEXT PRIMARY KEY, message TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,
        name TEXT NOT NULL, content_type TEXT NOT NULL, size INTEGER NOT NULL, inline INTEGER NOT NULL,
        content_id TEXT, part INTEGER, content BLOB)""",
    "CREATE INDEX IF NOT EXISTS graph_attachment_message ON graph_attachment (message, position)",
    """CREATE TABLE IF NOT EXISTS graph_upload (
        id TEXT PRIMARY KEY, secret TEXT NOT NULL, mailbox TEXT NOT NULL, message TEXT NOT NULL,
        name TEXT NOT NULL, size INTEGER NOT NULL, content_type TEXT, inline INTEGER NOT NULL,
        content_id TEXT, expires TEXT NOT NULL, got INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS graph_piece (
        upload TEXT NOT NULL, start INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (upload, start))""",
    # attachments that cannot be read: the code of the refusal
    "CREATE TABLE IF NOT EXISTS graph_defect (attachment TEXT PRIMARY KEY, code TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS graph_due (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, mailbox TEXT NOT NULL,
        what BLOB NOT NULL, keep INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS graph_due_at ON graph_due (at)",
    "CREATE TABLE IF NOT EXISTS graph_sent (mailbox TEXT NOT NULL, at TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS graph_sent_at ON graph_sent (mailbox, at)",
    """CREATE TABLE IF NOT EXISTS graph_gone (
        change INTEGER PRIMARY KEY, folder TEXT NOT NULL, immutable_id TEXT NOT NULL,
        current_id TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS graph_gone_folder ON graph_gone (folder, change)",
    "CREATE TABLE IF NOT EXISTS graph_switch (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS graph_setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
)

# change: number of the last change; deltaGeneration: raised to make every token lapse.
SETTINGS = {"change": 0, "deltaGeneration": 1}


def prepare(store: Database) -> None:
    """Create what is missing; an existing state is kept."""
    with store.write() as db:
        for statement in TABLES:
            db.execute(statement)
        for name, value in SETTINGS.items():
            db.execute("INSERT OR IGNORE INTO graph_setting (name, value) VALUES (?, ?)", (name, value))
