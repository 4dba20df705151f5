"""Use the pages that show the API as people do, in a browser that reaches nothing but the server: browser.py URL [PICTURE].

Prints what they saw as JSON.
"""

import json
import sys

from playwright.sync_api import sync_playwright

server = sys.argv[1]
told = {"elsewhere": [], "complaints": []}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1200, "height": 1400})

    def route(request):
        url = request.request.url
        if url.startswith((server, "data:", "blob:")):
            request.continue_()
        else:
            told["elsewhere"].append(url)
            request.abort()

    page.route("**/*", route)
    page.on("console", lambda message: told["complaints"].append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told["complaints"].append(str(error)))

    page.goto(server + "/docs")
    page.click("#operations-predict-predict .opblock-summary-control")
    page.click("#operations-predict-predict .execute")
    answer = page.locator("#operations-predict-predict .live-responses-table tbody .response").first
    told["status"] = answer.locator(".response-col_status").inner_text().split()[0]
    told["body"] = json.loads(answer.locator(".highlight-code .microlight, .highlight-code code").first.inner_text())
    told["operations"] = page.locator(".opblock").count()
    if len(sys.argv) > 2:
        page.screenshot(path=sys.argv[2])

    page.goto(server + "/redoc")
    page.get_by_role("heading", name="Iris Classifier API").wait_for()
    page.get_by_role("heading", name="Predict the species of a flower, or of several").wait_for()
    browser.close()
json.dump(told, sys.stdout)
