"""A report on paper: the page as PDF, tagged for screen readers (PDF/UA), with nothing loaded from anywhere."""

import logging

from gateway.core.errors import SetupError
from gateway.report.document import Document
from gateway.report.html import as_html


def as_pdf(document: Document) -> bytes:
    """The document as PDF. Raises SetupError where the libraries that draw text are missing."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise SetupError(
            "PDF needs the Debian packages libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0: "
            "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    nothing_loaded = URLFetcher(allowed_protocols=frozenset({"data"}))  # pictures stand in the page itself
    page = HTML(string=as_html(document, for_paper=True), url_fetcher=nothing_loaded)
    octets: bytes = page.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=document.source.digest.encode("ascii"))
    return octets
