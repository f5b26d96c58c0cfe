-- Documents whose decision is awaited, so that the platform can be asked for it.

ALTER TABLE jobs ADD COLUMN awaiting INTEGER;

CREATE INDEX jobs_awaiting ON jobs (company, flow, awaiting) WHERE awaiting IS NOT NULL;
CREATE INDEX jobs_target ON jobs (company, flow, target_id) WHERE awaiting IS NOT NULL;
