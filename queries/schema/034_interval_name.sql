-- holds: an interval as it is written in flags: 1h, 15m, 1d
CREATE MACRO interval_name(us) AS
  CASE
    WHEN us % 604800000000 = 0 THEN concat(us // 604800000000, 'w')
    WHEN us % 86400000000 = 0 THEN concat(us // 86400000000, 'd')
    WHEN us % 3600000000 = 0 THEN concat(us // 3600000000, 'h')
    WHEN us % 60000000 = 0 THEN concat(us // 60000000, 'm')
    WHEN us % 1000000 = 0 THEN concat(us // 1000000, 's')
    ELSE concat(us, 'us')
  END;
