.PHONY: run test check lock

run test check:
	bin/$@

# The locks name no host, so that each machine asks the registry that it is set up for.
compile = .venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.12 \
	--generate-hashes --no-build --no-annotate --no-header --no-emit-index-url

lock:
	$(compile) pyproject.toml --group dev --output-file requirements/dev.lock
	$(compile) pyproject.toml --constraints requirements/dev.lock \
		--output-file requirements/run.lock
	$(compile) --group embedded --constraints requirements/dev.lock \
		--output-file requirements/embedded.lock
	$(compile) --group installer --output-file requirements/installer.lock
