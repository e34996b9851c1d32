"""Every table that can be taken away, in every form and profile, as programs of others read it.

The truth is JSON Lines, in which nothing is lost. Each reading of another form has to have the same rows and the same texts, whatever
people typed into them: formulas, quotes, line breaks, separators, letters of any script.
"""

import csv
import io
import json
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

# What somebody types who means harm, or nothing by it.
TEXTS = ["=1+2", '"quoted", and; more', "two\nlines", "+34 600 000 000", "-5", "@SUM(A1)", "ñandú 🙂 漢字 עברית", " spaces ", "007", "NULL", "1,5", "a|b"]
TABLES = {"calls": "call_id", "conversations": "conversation_id", "orders": "id", "order_lines": "line", "ratings": "answer_id", "shoppers": "shopper_id"}
PERIOD = "from=2020-01-01&to=2100-01-01&tz=Europe/Madrid"


def client(url):
    def ask(method, path, token=None, body=None):
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read()
        except urllib.error.HTTPError as refused:
            raise SystemExit(f"{method} {path}: {refused.read().decode()}") from refused

    return ask


def fill(ask, owner):
    """A day with all of these texts in it. Gives the position of its end."""
    shopper = {"name": 'Núria "the" =Shopper', "email": "nuria@example.com", "password": "walking boots, size 41"}
    ask("POST", "/v1/shoppers", owner, shopper)
    token = json.loads(ask("POST", "/v1/sessions", None, {"email": shopper["email"], "password": shopper["password"]}))["token"]
    for number, text in enumerate(TEXTS):
        # A comment alone may have lines.
        name = text.replace("\n", " ")
        customer = {"name": name, "email": f"customer{number}@example.com"}
        made = json.loads(ask("POST", "/v1/calls", None, {"customer": customer, "product": {"sku": f"S{number}", "name": name}}))
        call = f"/v1/calls/{made['id']}"
        ask("POST", f"{call}/claim", token, {})
        ask("POST", f"{call}/start", token, {})
        ask("POST", f"{call}/end", token, {})
        ask("POST", f"{call}/rating", made["customer_token"], {"nps": number % 11, "face": "satisfied", "comment": text})
        lines = [{"sku": f"S{number}", "name": name, "quantity": 2, "unit_price": 1050}]
        order = {"order_id": f"order {number}", "currency": "EUR", "lines": lines, "total": 2100, "customer_id": made["customer_id"]}
        ask("POST", "/v1/orders", owner, order)
    return json.loads(ask("POST", "/v1/orders/order%201/refunds", owner, {"amount": 100, "reason": TEXTS[1]}))["position"]


def plain(value):
    """A text of JSON Lines as a cell has it; `None` where it is no text."""
    return value if isinstance(value, str) else None


def unguarded(cell):
    """A cell without the apostrophe that keeps a spreadsheet from computing it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@\t\r") else cell


def same(what, columns, truth, headings, rows, takes_digits_for_numbers=False):
    """The same rows in the same order, and the same texts in them."""
    assert len(headings) == len(columns), f"{what}: {headings}"
    assert len(rows) == len(truth), f"{what}: {len(rows)} rows and not {len(truth)}"
    for line, row in zip(truth, rows):
        assert len(row) == len(columns), f"{what}: {row}"
        for column, cell in zip(columns, row):
            expected = plain(line[column])
            # What a spreadsheet makes of 007 in a CSV is its own; a workbook has it as a text.
            is_number = takes_digits_for_numbers and expected is not None and expected.replace(",", "").isdigit()
            if expected is not None and not column.endswith("_at") and not is_number:
                # XML has one kind of line break, and some readers take blanks away.
                found = unguarded(str(cell)).replace("\r\n", "\n")
                assert found == expected, f"{what} {column}: {cell!r} and not {expected!r}"


def spreadsheet(work, path):
    """What LibreOffice shows of a file, as CSV with every text in quotes."""
    out = work / "shown"
    filters = ["--infilter=CSV:44,34,76,1,,0,false,true,false"] if path.suffix == ".csv" else []
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{work}/office", *filters, "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with open(out / f"{path.stem}.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def main(url, email, password, work, *wishes):
    ask, work, is_full = client(url), Path(work), "--full" in wishes
    owner = json.loads(ask("POST", "/v1/sessions", None, {"email": email, "password": password}))["token"]
    position = fill(ask, owner)
    # What orders go back to is found a moment later: all is read as of one position.
    ask("GET", f"/v1/calls?at_least={position}", owner)
    readings = 0
    for table, key in TABLES.items():
        def file(form):
            return ask("GET", f"/v1/exports/{table}?{PERIOD}&as_of={position}&{form}", owner)

        truth = [json.loads(line) for line in file("format=jsonl").decode().splitlines()]
        columns = list(truth[0])
        assert key in columns, table
        programs, people = file("format=csv"), file("format=csv&profile=excel&locale=es")
        for what, text in [(f"{table} csv", programs.decode("utf-8")), (f"{table} csv excel", people.decode("utf-8-sig"))]:
            headings, *rows = csv.reader(io.StringIO(text, newline=""))
            same(what, columns, truth, headings, rows)
            readings += 1
        assert next(csv.reader(io.StringIO(programs.decode(), newline=""))) == columns, table
        if not is_full:
            continue
        import openpyxl
        import pandas

        book = file("format=xlsx&locale=es")
        for what, text, encoding in [("rfc4180", programs, "utf-8"), ("excel", people, "utf-8-sig")]:
            frame = pandas.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False, encoding=encoding)
            same(f"{table} {what} by pandas", columns, truth, list(frame.columns), frame.values.tolist())
        frame = pandas.read_excel(io.BytesIO(book), dtype=object, keep_default_na=False)
        same(f"{table} xlsx by pandas", columns, truth, list(frame.columns), frame.values.tolist())
        sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
        headings, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        same(f"{table} xlsx by openpyxl", columns, truth, headings, rows)
        instants = [index for index, column in enumerate(columns) if column.endswith("_at")]
        assert all(row[index] is None or hasattr(row[index], "year") for row in rows for index in instants), f"{table}: dates are dates"
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row), f"{table}: no text is a formula"
        for name, content in [(f"{table}-excel.csv", people), (f"{table}-book.xlsx", book)]:
            (work / name).write_bytes(content)
            headings, *rows = spreadsheet(work, work / name)
            same(f"{name} by LibreOffice", columns, truth, headings, rows, takes_digits_for_numbers=name.endswith(".csv"))
        readings += 6
    print(f"{readings} readings of {len(TABLES)} tables have the rows and the texts of JSON Lines")


if __name__ == "__main__":
    main(*sys.argv[1:])
