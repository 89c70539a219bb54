-- The tables of the AI Visibility practice platform, and a past: a prompt
-- library, three days of costs, a day of audit trail. Ends with figures for
-- the planner. Run once in the new database, by the role that owns it.
SELECT setseed(0.42);

CREATE TABLE workspaces (
	id text PRIMARY KEY,
	name text NOT NULL,
	plan text NOT NULL,
	budget_daily numeric(10, 2) NOT NULL,
	created_at timestamptz NOT NULL,
	last_seen_at timestamptz
);

CREATE TABLE prompts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	workspace_id text NOT NULL REFERENCES workspaces,
	title text NOT NULL,
	score real NOT NULL,
	created_at timestamptz NOT NULL
);
CREATE INDEX prompts_workspace ON prompts (workspace_id);

CREATE TABLE cost_ledger (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	workspace_id text NOT NULL,
	provider text NOT NULL,
	amount numeric(12, 6) NOT NULL,
	currency text NOT NULL DEFAULT 'USD',
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cost_ledger_created_at ON cost_ledger (created_at);

CREATE TABLE audit_logs (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	created_at timestamptz NOT NULL DEFAULT now(),
	actor text NOT NULL,
	action text NOT NULL,
	subject text NOT NULL,
	ip inet NOT NULL
);
CREATE INDEX audit_logs_created_at ON audit_logs (created_at);

INSERT INTO workspaces
SELECT 'ws_' || n,
	(ARRAY['Northwind', 'Contoso', 'Initech', 'Umbra', 'Vandelay', 'Hooli',
	    'Globex', 'Acme'])[1 + n % 8] || ' ' ||
	(ARRAY['Foods', 'Travel', 'Health', 'Media', 'Energy'])[1 + n / 8],
	(ARRAY['starter', 'team', 'business'])[1 + n % 3],
	(ARRAY[25, 50, 100])[1 + n % 3],
	now() - interval '1 day' * (30 + 11 * n),
	now() - interval '1 minute' * n
FROM generate_series(1, 39) AS n
UNION ALL
SELECT 'ws_40', 'Stark Labs', 'business', 100, now() - interval '9 days',
	now();

INSERT INTO prompts (workspace_id, title, score, created_at)
SELECT 'ws_' || 1 + n % 40, 'Which brand is best known for topic ' || n,
	random(), now() - interval '1 hour' * n
FROM generate_series(0, 1199) AS n;

-- Dollars per second: the providers' prices times their calls per second.
INSERT INTO cost_ledger (workspace_id, provider, amount, created_at)
SELECT 'ws_' || 1 + floor(40 * random()), provider,
	per_second * 200 * (0.8 + 0.4 * random()), at
FROM generate_series(now() - interval '3 days', now() - interval '1 second',
	interval '200 seconds') AS at,
	(VALUES ('perplexity', 0.00048), ('aio', 0.000096),
	    ('brave', 0.000128)) AS rate (provider, per_second);

INSERT INTO audit_logs (created_at, actor, action, subject, ip)
SELECT now() - interval '7 minutes' * (200 - n),
	'user' || 1 + n * 7 % 23 || '@example.com',
	(ARRAY['login', 'prompt.create', 'prompt.run', 'workspace.update',
	    'token.refresh', 'report.export'])[1 + n % 6],
	'ws_' || 1 + n * 13 % 40, ('203.0.113.' || 1 + n * 31 % 254)::inet
FROM generate_series(0, 199) AS n;

CREATE FUNCTION weekly_report(of_workspace text)
RETURNS TABLE (day date, spent numeric) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep(0.3 + 0.6 * random());
	RETURN QUERY SELECT created_at::date, sum(amount) FROM cost_ledger
		WHERE workspace_id = of_workspace GROUP BY 1 ORDER BY 1;
END $$;

CREATE FUNCTION prompt_ranking(of_workspace text)
RETURNS TABLE (prompt_id bigint, prompt_title text, rank real)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep(0.01);
	RETURN QUERY SELECT id, title, score FROM prompts
		WHERE workspace_id = of_workspace ORDER BY score DESC LIMIT 10;
END $$;

ANALYZE;
