"""The Python pipeline that `against-python` measures: crawls a site and writes the result to a JSON file.

usage: pipeline.py URL OUTPUT     (prints the number of pages)
"""

import asyncio
import json
import sys

import httpx
from selectolax.lexbor import LexborHTMLParser
from usp.tree import sitemap_tree_for_homepage

WIDTH = 8


def parse(url, html):
    page = LexborHTMLParser(html)
    title = page.css_first("title")
    description = page.css_first('meta[name="description"]')
    content = page.css_first("main") or page.css_first("article") or page.body
    return {
        "url": url,
        "title": title.text(strip=True) if title else None,
        "description": description.attributes.get("content") if description else None,
        "text": content.text(separator=" ", strip=True) if content else "",
    }


async def fetch_all(urls):
    pages = []
    rest = iter(urls)
    # The site uses plain HTTP, so do not load certificates.
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=WIDTH, max_keepalive_connections=WIDTH), verify=False) as client:

        async def work():
            for url in rest:
                response = await client.get(url)
                if response.status_code == 200:
                    pages.append(parse(url, response.content))

        await asyncio.gather(*(work() for _ in range(WIDTH)))
    return pages


home, output = sys.argv[1:]
# robots.txt names the sitemap, so do not try the default paths.
tree = sitemap_tree_for_homepage(home, use_known_paths=False)
found = asyncio.run(fetch_all({page.url: None for page in tree.all_pages()}))
with open(output, "w") as file:
    json.dump({"pages": found}, file)
print(len(found))
