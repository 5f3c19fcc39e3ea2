CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 'x;'; /* ; */ END; -- c;
SELECT [a;b], "c;";