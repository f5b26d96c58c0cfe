-- Versions that arrive while an older one is on its way, and quick answers to "how is the flow?".

ALTER TABLE jobs ADD COLUMN newer_version TEXT;
ALTER TABLE jobs ADD COLUMN newer_content TEXT;           -- JSON; NULL: seen, does not follow

CREATE INDEX jobs_summary ON jobs (company, flow, state, step, arrived_at);
