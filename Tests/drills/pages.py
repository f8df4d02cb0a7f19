#!/usr/bin/env python3
"""Works at the pages of the demo's village and county in a real browser, and kills the village's node under a draft.

    pages.py --terrace PATH [--shots FOLDER]

Needs chromium, chromium-driver and Python's selenium. The clerk finds an item, types, and the node is killed with
`kill -9`; the page says that it tries again, the node comes back, and the page has saved what was typed. Enter accepts
nothing, a double click accepts once, and what is typed into a case's form is not left without a question. The form is
accepted, the case handed to the county and granted there. The city's node is killed under its wall, which keeps the
last figures until the node is back. Ends with 0 when all of that is so,
with 77 where the browser is missing.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys

from network import CITY, COUNTY, SKIPPED, VILLAGE, leave_when_asked

try:
    from selenium import webdriver
    from selenium.webdriver import ActionChains
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select, WebDriverWait
except ImportError:
    webdriver = None

def browser():
    options = webdriver.ChromeOptions()
    for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,1000", "--accept-lang=zh-CN"]:
        options.add_argument(word)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def read_places(process):
    """Where the demo has its data, and the pages of its nodes."""
    halls = []
    folder = ""
    for line in process.stdout:
        halls += re.findall(r"^  (http://\S+)/  ", line)
        found = re.search(r"stats --data (\S+)/" + CITY, line)
        if found:
            folder = found.group(1)
            break
    if len(halls) != 6:
        sys.exit("the demo did not stay up")
    # In the order in which the demo prints them.
    return folder, {VILLAGE: halls[0], COUNTY: halls[3], CITY: halls[5]}


def server(data):
    """The process that serves a data directory, and its words."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode().split("\0")
        except OSError:
            continue
        if "serve" in words and data in words:
            return int(pid), words
    sys.exit("no server for " + data)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--terrace", required=True)
    arguments.add_argument("--shots")
    options = arguments.parse_args()
    if not webdriver or not shutil.which("chromedriver"):
        print("skipped: there is no chromedriver, or no selenium for this Python")
        return SKIPPED
    leave_when_asked()
    process = subprocess.Popen([options.terrace, "demo", "--cases", "80"], stdout=subprocess.PIPE, text=True)
    driver, again = None, []

    def shot(name):
        if options.shots:
            driver.save_screenshot(os.path.join(options.shots, name + ".png"))

    def wait(what, condition, seconds=20):
        WebDriverWait(driver, seconds).until(lambda _: condition(), what)
        print("[ok] " + what)

    def fill(name, value):
        field = driver.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)

    def saving():
        return driver.find_element(By.ID, "saving").text

    def kill(unit):
        """With -9. Gives back what starts the node again, with its hall at the same address."""
        pid, words = server(os.path.join(folder, unit))
        os.kill(pid, signal.SIGKILL)
        port = halls[unit].rsplit(":", 1)[1]
        command = [options.terrace] + words[1:words.index("--hall")] + ["--hall", "127.0.0.1:" + port]
        return lambda: again.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def focused():
        return driver.switch_to.active_element.get_attribute("name") or ""

    def asks():
        """Whether the page would ask before it is left."""
        return driver.execute_script(
            "var e = new Event('beforeunload', {cancelable: true}); window.dispatchEvent(e); return e.defaultPrevented")

    def press(css):
        found = driver.find_element(By.CSS_SELECTOR, css)
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        driver.find_element(By.CSS_SELECTOR, css).click()

    try:
        folder, halls = read_places(process)
        driver = browser()
        driver.get(halls[VILLAGE] + "/counter")
        shot("counter")
        driver.switch_to.active_element.send_keys("磨坊", Keys.ENTER)
        wait("an everyday name finds the item", lambda: "食品小作坊登记" in driver.page_source)
        press(".list a")
        shot("item")
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        wait("the form is open", lambda: "/drafts/" in driver.current_url)
        fill("applicant.name", "王小明" + Keys.ENTER)
        wait("Enter goes to the next field", lambda: focused() not in ("", "applicant.name"))
        wait("the draft is saved", lambda: "已保存" in saving())

        revive = kill(VILLAGE)
        fill("form.shopName", "王记豆腐坊")
        wait("the page says that it tries again", lambda: "重试" in saving())
        shot("retrying")
        press(".finish button.main")
        wait("the form is not sent while the page is the only copy", lambda: "先不提交" in saving())
        fill("form.shopName", "王记豆腐坊")
        wait("who goes on typing is not interrupted", lambda: "重试" in saving())
        revive()
        wait("what was typed meanwhile is saved", lambda: "已保存" in saving())
        driver.refresh()
        name = driver.find_element(By.NAME, "form.shopName").get_attribute("value")
        wait("it is there after a reload", lambda: name == "王记豆腐坊")

        press(".finish button.main")
        wait("what is missing is named", lambda: driver.find_elements(By.CSS_SELECTOR, ".notice.bad li"))
        shot("problems")
        for field, value in [
            ("applicant.phone", "13900001001"), ("form.applicantName", "王小明"), ("form.idNumber", "371602190101010014"),
            ("form.phone", "13900001001"), ("form.site", "荷塘社区 12 号"), ("form.products", "豆腐"), ("actor", "李雷"),
        ]:
            fill(field, value)
        for material in ["application", "idCard", "premises", "health"]:
            press(f"input[name=material][value={material}]")
        driver.find_element(By.NAME, "actor").send_keys(Keys.ENTER, Keys.ENTER)
        wait("and from the last one nowhere", lambda: focused() == "actor" and "/drafts/" in driver.current_url)
        accept = driver.find_element(By.CSS_SELECTOR, ".finish button.main")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", accept)
        ActionChains(driver).double_click(accept).perform()
        wait("the receipt is there", lambda: "/receipt" in driver.current_url)
        wait("a double click has accepted it once", lambda: "new=1" in driver.current_url)
        shot("receipt")
        receipt = driver.find_element(By.CSS_SELECTOR, ".number").text
        driver.get(halls[VILLAGE] + "/cases/" + receipt)
        press("#act-note summary")
        wait("what is not typed may be left", lambda: not asks())
        driver.find_element(By.ID, "text-note").send_keys("已电话告知")
        wait("what is typed is not left without a question", asks)
        driver.get(halls[VILLAGE] + "/cases/" + receipt)
        press("#act-forward summary")
        Select(driver.find_element(By.ID, "target-forward")).select_by_value(COUNTY)
        press("#act-forward button.main")
        wait("the case is handed over", lambda: "done=done" in driver.current_url)

        def arrived():
            driver.get(halls[COUNTY] + "/cases/" + receipt)
            return driver.find_elements(By.CSS_SELECTOR, "#act-decide")

        wait("it is at the county", arrived)
        press("#act-decide summary")
        press("input[value=granted]")
        fill_actor = driver.find_element(By.ID, "actor-decide")
        fill_actor.clear()
        fill_actor.send_keys("韩梅梅")
        press("#act-decide button.main")
        wait("the county has granted it", lambda: "准予" in driver.page_source)
        shot("decided")
        driver.get(halls[CITY] + "/wall")
        shot("wall")
        wait("the wall is up", lambda: "最近联系" in driver.page_source)

        def is_stale():
            shown = driver.execute_script("return !document.getElementById('stale').hidden")
            return shown and "最近联系" in driver.page_source

        revive = kill(CITY)
        wait("it keeps its figures without its node, and says so", is_stale, 60)
        shot("stale")
        revive()
        wait("it is renewed when the node is back", lambda: not is_stale(), 60)
    finally:
        if driver:
            driver.quit()
        for one in again:
            one.terminate()
            one.wait()
        process.send_signal(signal.SIGINT)
        process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
