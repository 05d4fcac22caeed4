-- holds: a row per run, a backtest or a screen (kind): its resolved configuration, what was planned, what was measured, last_import is the newest import whose bars it saw, screen_run the screen whose combinations it took and screen_tests the number of tests behind them
CREATE TABLE run (
  run_id               BIGINT    NOT NULL, -- number of the run, counted from 1
  kind                 VARCHAR   NOT NULL, -- backtest or screen
  status               VARCHAR   NOT NULL, -- how it stands: running, finished, interrupted or failed
  configuration        VARCHAR   NOT NULL, -- resolved configuration, JSON
  configuration_hash   VARCHAR   NOT NULL, -- hash of what decides the results, equal for runs of one configuration
  engine_version       VARCHAR   NOT NULL, -- version of Barline
  device               VARCHAR   NOT NULL, -- where kernels ran: cpu or a CUDA device
  workers              UINTEGER  NOT NULL, -- workers [count]
  interval_us          BIGINT    NOT NULL, -- length of the bars [us]
  end_ts               TIMESTAMP NOT NULL, -- end of every horizon, not included [UTC]
  universe_size        UINTEGER  NOT NULL, -- instruments of the universe [count]
  last_import          BIGINT    NOT NULL, -- newest import whose bars it saw
  screen_run           BIGINT,             -- the screen whose combinations it took
  screen_tests         UBIGINT,            -- tests behind that screen [count]
  planned_jobs         UBIGINT   NOT NULL, -- jobs planned [count]
  budget_bytes         UBIGINT   NOT NULL, -- declared memory budget [bytes]
  planned_peak_bytes   UBIGINT   NOT NULL, -- peak that the plan predicts [bytes]
  panel                VARCHAR   NOT NULL, -- where the panel stood: ram or mapped
  started_at           TIMESTAMP NOT NULL, -- begin [UTC]
  finished_at          TIMESTAMP,          -- end [UTC]
  wall_secs            DOUBLE,             -- time it took [s]
  initial_bytes        UBIGINT,            -- memory at the start [bytes]
  measured_peak_bytes  UBIGINT,            -- highest sample of memory, without page cache [bytes]
  final_bytes          UBIGINT,            -- memory at the end [bytes]
  kernel_peak_bytes    UBIGINT,            -- the kernel's high-water mark of the process [bytes]
  cgroup_peak_bytes    UBIGINT,            -- peak of the control group [bytes]
  allocated_peak_bytes UBIGINT,            -- most that Rust had allocated [bytes]
  admission_waits      UBIGINT,            -- times a worker waited for memory [count]
  computed             UBIGINT,            -- jobs computed [count]
  cached               UBIGINT,            -- jobs found in the store [count]
  left_out             UBIGINT,            -- combinations that --max-combinations or --ranks left out [count]
  pair_fits            UBIGINT,            -- pair fits computed [count]
  frame_rows           UBIGINT,            -- rows fetched into frames [rows]
  vram_budget_bytes    UBIGINT,            -- memory of the device that it could use, empty without a device as the columns below [bytes]
  planned_vram_bytes   UBIGINT,            -- most memory of the device that was planned to be held together [bytes]
  measured_vram_bytes  UBIGINT,            -- most memory of the device that was held together, without the driver's own [bytes]
  device_windows       UBIGINT,            -- windows whose covariances the device made [count]
  device_pairs         UBIGINT,            -- pairs that the device tested, in all windows [count]
  device_compared      UBIGINT,            -- answers of the device that were compared with the processor's [count]
  device_deviation     DOUBLE,             -- how far the furthest of them was off, in units of its scale
  device_lost          VARCHAR             -- why the device was given up, where it was: the rest was done by the processor
);
