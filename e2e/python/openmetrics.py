"""Parse a metrics page with prometheus_client's OpenMetrics parser: openmetrics.py URL"""

import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

request = urllib.request.Request(sys.argv[1], headers={"Accept": "application/openmetrics-text; version=1.0.0"})
with urllib.request.urlopen(request, timeout=10) as response:
    assert response.headers["Content-Type"].startswith("application/openmetrics-text"), response.headers
    families = {family.name: family for family in text_string_to_metric_families(response.read().decode())}
for name in ("iris_api_requests", "iris_predictions", "iris_prediction_confidence", "iris_model", "iris_model_loaded"):
    assert families[name].samples, name
