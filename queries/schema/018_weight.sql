-- holds: target weights of a job by the bar whose close decided them
CREATE TABLE weight (
  job_id BIGINT    NOT NULL, -- its job
  ts     TIMESTAMP NOT NULL, -- bar whose close decided it [UTC]
  symbol VARCHAR   NOT NULL, -- the instrument
  weight DOUBLE              -- target, negative when short [fraction of equity]
);
