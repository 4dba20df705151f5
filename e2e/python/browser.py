"""Use the pages that show the API, in a browser that reaches only the server: browser.py URL [PICTURE]

Prints what the pages showed as JSON.
"""

import json
import sys

from playwright.sync_api import sync_playwright

server = sys.argv[1]
result = {"elsewhere": [], "complaints": []}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1200, "height": 1400})

    def route(request):
        url = request.request.url
        if url.startswith((server, "data:", "blob:")):
            request.continue_()
        else:
            result["elsewhere"].append(url)
            request.abort()

    page.route("**/*", route)
    page.on("console", lambda message: result["complaints"].append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: result["complaints"].append(str(error)))

    page.goto(server + "/docs")
    page.click("#operations-predict-predict .opblock-summary-control")
    page.click("#operations-predict-predict .execute")
    answer = page.locator("#operations-predict-predict .live-responses-table tbody .response").first
    result["status"] = answer.locator(".response-col_status").inner_text().split()[0]
    result["body"] = json.loads(answer.locator(".highlight-code .microlight, .highlight-code code").first.inner_text())
    result["operations"] = page.locator(".opblock").count()
    if len(sys.argv) > 2:
        page.screenshot(path=sys.argv[2])

    page.goto(server + "/redoc")
    page.get_by_role("heading", name="Iris Classifier API").wait_for()
    page.get_by_role("heading", name="Predict the species of one flower or of several").wait_for()
    browser.close()
json.dump(result, sys.stdout)
