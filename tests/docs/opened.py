"""What an opened page of the explorer shows."""

import time


def drawn(browser):
    """Wait until all is drawn, as long as a busy machine takes."""
    ended = "return ['fine', 'nothing'].includes(document.documentElement.dataset.drawn)"
    while not browser.execute_script(ended):
        time.sleep(0.02)


def texts(browser, selector):
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
    return browser.execute_script(script, selector)


def shown_numbers(browser):
    return {text.replace("−", "-") for text in texts(browser, ".card output")}
