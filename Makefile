# The commands of the project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLD := .venv-spark-4.0
SPARKS := .venv-sparks
FLINK := .venv-flink
CLASS := .venv-class
BROKER := .kafka
SERVICES := ingest spark-job dashboard
LOCKS := $(SERVICES:%=%/requirements.txt) requirements-local.txt
# In the order of the tests if the time may end before them.
DIST := $(if $(TESTS_UNTIL),load --maxschedchunk 4,worksteal)
PIP := -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
SOURCES := $(SERVICES) notebooks/hashtags scripts tests bench docs/examples
DOCKERFILES := $(SERVICES:%=%/Dockerfile) deploy/Dockerfile notebooks/Dockerfile

# Variables for another Python or another pip on this machine are not passed on. Those that say where packages come from are.
unexport $(filter PYTHON%,$(.VARIABLES))
unexport $(filter-out PIP_%INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX PIP_TRUSTED_HOST PIP_%CERT PIP_PROXY PIP_%TIMEOUT \
  PIP_RETRIES PIP_%CACHE_DIR PIP_CONFIG_FILE PIP_KEYRING_PROVIDER,$(filter PIP_%,$(.VARIABLES)))
# Overrides a pip.conf that sets it.
export PIP_USER := 0

.PHONY: help run notebook test test-fast test-compose soak bench trends viewers readers lint lint-page format lock kafka-lock docs version schema vendor pictures frames clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

run: $(VENV)/.run ## install what is missing, then start all three services; FRESH=1 deletes all counts first
	@exec $(BIN)/python scripts/run.py

notebook: $(CLASS)/.run ## JupyterLab with the lessons of notebooks/, beside a running stream or with one of its own
	@exec $(BIN)/python scripts/notebook.py

# Those without Spark mostly wait, for a browser, a service or a clock. So a third worker helps on two cores.
# TESTS_UNTIL, SPARK_TESTS_UNTIL: the time (seconds since 1970) after which of each test without Spark, or with it, only one variant runs.
# ALONE_TESTS_UNTIL: if the tests that run alone begin after it, only one variant of each runs; else all.
test: $(VENV)/.dev $(OLD)/.run $(SPARKS)/.run $(CLASS)/.run $(BROKER)/.run ## all tests, in containers too where there is a Docker Engine; STRICT=1 fails on a skip
	@status=0; \
	TESTS_UNTIL=$(TESTS_UNTIL) $(BIN)/pytest -n $(or $(WORKERS),3) --dist $(DIST) --durations=50 -m "not alone and not spark" || status=1; \
	TESTS_UNTIL=$(SPARK_TESTS_UNTIL) $(BIN)/pytest -n $(or $(WORKERS),2) --dist $(DIST) --durations=30 -m "not alone and spark" || status=1; \
	late=; if [ -n "$(ALONE_TESTS_UNTIL)" ] && [ "$$(date +%s)" -gt "$(ALONE_TESTS_UNTIL)" ]; then late=$(ALONE_TESTS_UNTIL); fi; \
	TESTS_UNTIL=$$late $(BIN)/pytest --durations=20 -m alone || status=1; \
	exit $$status

test-fast: $(VENV)/.dev ## the tests without browser, Spark, Kafka, containers and services, in less than 90 seconds
	$(BIN)/pytest -n $(or $(WORKERS),3) --dist worksteal -m "not browser and not spark and not docker and not kafka and not slow"

test-compose: $(VENV)/.dev $(SPARKS)/.run ## of these, only those in containers
	$(BIN)/pytest tests/compose

soak: $(VENV)/.dev $(if $(KAFKA),$(BROKER)/.run) ## a quarter of an hour of random kills under load, then a recount; DELETIONS=20: kills of each process while posts are deleted; ALERTS=100: kills while alerts fire; KAFKA=1: with the log on Kafka, whose broker is killed too
	$(BIN)/python scripts/soak.py $(if $(KAFKA),--kafka) $(if $(DELETIONS),--deletions $(DELETIONS)) $(if $(ALERTS),--alerts $(ALERTS))

viewers: $(VENV)/.dev ## how fast 2,000 and 5,000 open pages get a snapshot, on this machine
	$(BIN)/python scripts/viewers.py

readers: $(VENV)/.dev ## what 30 readers of the log and a Spark query cost the job, on this machine, ten minutes
	$(BIN)/python scripts/readers.py

# Only the row throughput measures Flink, and not in two minutes.
RIVAL := $(if $(QUICK),,$(if $(findstring throughput,$(or $(ONLY),throughput)),$(FLINK)/.run))

bench: $(VENV)/.dev $(RIVAL) ## how fast it is, compared with the usual ways; QUICK=1: two minutes; ONLY=latency,rest: those rows
	$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

trends: $(VENV)/.dev ## how well rises are found, beside other methods, half an hour; QUICK=1: one minute, fails if it misses a bound
	$(BIN)/python -m bench.trends $(if $(QUICK),--quick)

lint: $(VENV)/.dev ## ruff, mypy, import-linter, eslint, tsc, and the checks of the Docker and Compose files
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(SERVICES:%=%/) notebooks/hashtags scripts tests bench
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python scripts/vendor.py --check
	$(BIN)/python scripts/schema.py --check
	$(BIN)/hadolint $(DOCKERFILES)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/kubernetes-validate --strict --quiet deploy/kubernetes/*.yaml deploy/kubernetes/*/*.yaml
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-page; \
	  else echo "eslint and tsc: skipped, there is no npm"; [ -z "$(STRICT)" ]; fi
	@docker compose version >/dev/null 2>&1 || { echo "docker compose config: skipped, there is no docker compose"; [ -z "$(STRICT)" ]; exit; }; \
	  docker compose --env-file /dev/null --profile deploy --profile class --profile kafka config --quiet

lint-page: node_modules/.package-lock.json
	node_modules/.bin/eslint
	node_modules/.bin/tsc

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

lock: $(VENV)/.dev ## choose the newest versions and write every lock file
	$(LOCK) --upgrade --python-version 3.10 --fork-strategy fewest spark-job/requirements.in -o spark-job/requirements.txt
	$(LOCK) --upgrade --python-version 3.11 -c spark-job/requirements.txt ingest/requirements.in -o ingest/requirements.txt
	$(LOCK) --upgrade --python-version 3.11 -c spark-job/requirements.txt -c ingest/requirements.txt dashboard/requirements.in -o dashboard/requirements.txt
	for name in local java spark-4.0 spark-apache spark-4.1 spark-4.2 dev; do \
	  $(LOCK) --upgrade --python-version 3.11 $(SERVICES:%=-c %/requirements.txt) requirements-$$name.in -o requirements-$$name.txt; done
	for name in requirements requirements-spark; do \
	  $(LOCK) --upgrade --python-version 3.11 $(LOCKS:%=-c %) -c requirements-dev.txt notebooks/$$name.in -o notebooks/$$name.txt; done
	$(LOCK) --upgrade --python-version 3.11 requirements-flink.in -o requirements-flink.txt

kafka-lock: $(VENV)/.dev ## write the sums of the jars of tests/kafka/pom.xml
	$(BIN)/python -m tests.kafka.jars --lock

docs: $(VENV)/.dev ## write docs/configuration.md, .env.example and what else is made from the fields of the settings
	$(BIN)/python scripts/configuration.py

version: $(VENV)/.dev ## write the version of pyproject.toml wherever it is shown
	$(BIN)/python scripts/version.py

schema: $(VENV)/.dev ## write docs/snapshot.schema.json and the page's types from the types of the dashboard
	$(BIN)/python scripts/schema.py

vendor: $(VENV)/.dev ## download the browser libraries again and check them
	$(BIN)/python scripts/vendor.py

pictures: $(VENV)/.dev ## take the pictures of the docs from the page of a running `make run`
	$(BIN)/python scripts/pictures.py

frames: $(VENV)/.dev ## measure how smoothly the page moves, at full speed and slowed down, and how much memory it uses
	$(BIN)/python scripts/frames.py

clean: ## remove what was installed; DATA_DIR stays
	rm -rf $(VENV) $(OLD) $(SPARKS) $(FLINK) $(CLASS) $(BROKER) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run: $(LOCKS) requirements-java.txt scripts/add_paths.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@echo "Installing into $(VENV); Spark is large, so the first time takes a minute or two."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) $(LOCKS:%=-r %)
	@$(BIN)/python scripts/add_paths.py $(SERVICES)
	@$(BIN)/python -m spark_job.spark.java 2>/dev/null || $(BIN)/python $(PIP) -r requirements-java.txt
	-@$(BIN)/python -m spark_job.spark.class_archive
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt requirements-java.txt
	@$(BIN)/python $(PIP) -r requirements-dev.txt -r requirements-java.txt
	@$(BIN)/python scripts/add_paths.py $(SERVICES) notebooks
	@touch $@

# It finds Spark, which is large, and what ingest needs in the environment of `make run`, behind its own packages.
$(CLASS)/.run: $(VENV)/.run notebooks/requirements.txt $(wildcard notebooks/jupyterlab/*.json) scripts/add_paths.py
	@echo "JupyterLab is installed into $(CLASS), in about a minute."
	@$(PYTHON) -m venv $(CLASS)
	@$(CLASS)/bin/python $(PIP) -r notebooks/requirements.txt
	@$(CLASS)/bin/python scripts/add_paths.py notebooks ingest \
	  "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@# For Node, the files of JupyterLab would be modules as those of our page are: the nearest package.json decides.
	@echo '{"type": "commonjs"}' >$(CLASS)/package.json
	@mkdir -p $(CLASS)/share/jupyter/lab/settings && cp notebooks/jupyterlab/*.json $(CLASS)/share/jupyter/lab/settings/
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --no-audit --no-fund --silent
	@touch $@

$(OLD)/.run: spark-job/requirements.txt requirements-spark-4.0.txt scripts/add_paths.py
	@$(PYTHON) -m venv $(OLD)
	@$(OLD)/bin/python $(PIP) -r spark-job/requirements.txt -r requirements-spark-4.0.txt
	@$(OLD)/bin/python scripts/add_paths.py spark-job
	@touch $@

# Without Maven, tests that start Kafka are skipped, and say why.
$(BROKER)/.run: $(VENV)/.dev tests/kafka/pom.xml tests/kafka/jars.sha256 tests/kafka/jars.py
	@if $(BIN)/python -m tests.kafka.jars && $(BIN)/python -m tests.kafka.class_archive; then touch $@; fi

# The versions between the oldest and the newest, each on another Python where this machine has it.
$(SPARKS)/.run: $(VENV)/.run spark-job/requirements.txt $(wildcard requirements-spark-*.txt) scripts/sparks.py
	@$(BIN)/python scripts/sparks.py $(SPARKS)
	@touch $@

# Without Flink, the table says so.
$(FLINK)/.run: requirements-flink.txt
	@$(PYTHON) -m venv $(FLINK)
	@echo "make bench alone needs Flink, a download of 340 MB into $(FLINK)."
	@if $(FLINK)/bin/python $(PIP) -r requirements-flink.txt; then touch $@; else echo "Flink can't be installed here."; fi
