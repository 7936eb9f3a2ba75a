"""The command line of tonggou 同沟: who digs where, when, together.

Exit codes: 0 done, 1 a check failed, 2 the input is at fault. The heavy libraries are imported
inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from geo.errors import InputError
    from planner.checking import Checks
    from planner.coverage.tiles import Crew
    from planner.study import Progress, StudyResult

CHECK_FAILED = 1
INPUT_AT_FAULT = 2
MOST_KINDS = 20
TILES = "tiles"
"""Folder beside the results in which tiles are kept, so that a run that was cut off goes on."""

app = typer.Typer(
    name="tonggou",
    help=(
        "同沟: 联合开挖、4G 盲区与红线接入规划 / "
        "joint excavation, 4G gaps and routes to the red line."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Language(StrEnum):
    """Language of the report and of messages."""

    zh = "zh"
    en = "en"


Out = Annotated[Path, typer.Option("--out", help="结果文件夹 / folder for the results")]
Lang = Annotated[Language, typer.Option("--lang", help="报告语言 / language of the report")]
Workers = Annotated[
    int,
    typer.Option(
        min=0,
        help="分块计算 4G 信号的进程数，0 为本进程 / processes for tiles of the signal, 0 for none",
    ),
]
Documents = Annotated[
    bool, typer.Option(help="写出表格、方案、图纸 / write spreadsheet, dossiers, drawing")
]
Cluster = Annotated[
    str, typer.Option(help="dask 调度器地址 / address of a dask scheduler for the tiles")
]


@app.command()
def run(
    study: Annotated[Path, typer.Argument(help="研究文件 / study file (TOML)")],
    out: Out = Path("out"),
    lang: Lang = Language.zh,
    documents: Documents = True,
    workers: Workers = 0,
    cluster: Cluster = "",
) -> None:
    """运行一项研究，写出报告 / Run a study from its files to the report."""
    with _input_errors(out), _crew(workers, cluster, _made(out) / TILES) as crew:
        _run(study, out, lang, crew, documents=documents)


@app.command()
def demo(
    out: Out = Path("out/demo"),
    lang: Lang = Language.zh,
    area_km2: Annotated[float, typer.Option(min=20, max=3000, help="面积 / area, km²")] = 100.0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / seed of the generator")] = 1,
    documents: Documents = True,
) -> None:
    """生成示例县并运行全部步骤 / Make the sample county and run everything."""
    from layers.sample import make

    with _input_errors(out):
        _say(f"示例县（生成数据）/ sample county (generated): {area_km2:g} km²")
        county = make.sample(area_km2=area_km2, seed=seed)
        _run(make.write(county, _made(out) / "input"), out, lang, documents=documents)


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="结果文件夹 / folder of a finished run")],
) -> None:
    """独立核验已完成的结果 / Prove a finished result from its inputs."""
    from planner import archive

    with _input_errors(folder):
        checks = archive.check(folder)
        _tell_checks(checks)
        raise typer.Exit(CHECK_FAILED if checks.failed else 0)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="结果文件夹 / folder of a finished run")],
    lang: Lang = Language.zh,
) -> None:
    """由已完成的结果重新写出表格、方案、图纸 / Write spreadsheet, dossiers, drawing again."""
    with _input_errors(folder), _progress() as progress:
        _export(folder, lang, progress)


@contextmanager
def _crew(workers: int, address: str, folder: Path) -> Iterator[Crew | None]:
    """Yield who works off the tiles of the signal; None where nobody was asked for."""
    from planner.coverage import crews

    if address:
        with crews.cluster(address, folder) as crew:
            yield crew
    elif workers:
        with crews.processes(workers, folder) as crew:
            yield crew
    else:
        yield None


def _export(folder: Path, language: Language, progress: Progress) -> None:
    """Write the documents of a finished study from its files, so that they come out the same."""
    from maps.export import documents
    from planner import archive

    progress("读取结果 / reading the result", 0.94)
    written = documents.write(archive.load(folder), folder, language=language.value)
    plans = len(written) - 2
    _say(f"文件 / documents: {written[0].name}, {written[1].name}, {documents.DOSSIER}/ ({plans})")


def _run(
    study_file: Path,
    out: Path,
    language: Language,
    crew: Crew | None = None,
    *,
    documents: bool,
) -> None:
    from maps import report
    from planner import archive, studyfile
    from planner import study as studies

    study = studyfile.load(study_file)
    _made(out)
    with _progress() as progress:
        result = studies.run(study, crew=crew, progress=progress)
        progress("写出 / writing", 0.92)
        archive.save(result, out)
        report.write(result, out / "report.html", language=language.value)
        if documents:
            _export(out, language, progress)
        progress("完成 / done", 1.0)
    _tell_result(result, out)
    if result.checks.failed:
        raise typer.Exit(CHECK_FAILED)
    if len(result.county.quarantine):
        raise typer.Exit(INPUT_AT_FAULT)


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(message: str, share: float) -> None:
            bar.update(task, description=message, completed=share)

        yield tell


@contextmanager
def _input_errors(out: Path) -> Iterator[None]:
    """Turn an input error into its message, Chinese and English, and exit code 2."""
    from geo.errors import InputError

    try:
        yield
    except InputError as error:
        _tell_fault(error, out)
        raise typer.Exit(INPUT_AT_FAULT) from None
    except OSError as error:
        _complain(_unwritable(error, out))
        raise typer.Exit(INPUT_AT_FAULT) from None


def _made(out: Path) -> Path:
    """Make the folder for the results, and make sure before the work that it takes files."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=out):
        return out


def _unwritable(error: OSError, out: Path) -> str:
    from geo.messages import message

    facts = {"file": error.filename or out, "detail": error.strerror or error}
    return "\n".join(message("output_unwritable", language, **facts) for language in ("zh", "en"))


def _tell_fault(error: InputError, out: Path) -> None:
    _complain(f"输入有误 / the input is at fault ({len(error.faults)}):")
    for fault in error.faults:
        _complain(f"  - {fault.text('zh')}\n    {fault.text('en')}")
    inputs = getattr(error, "inputs", ())
    if inputs:
        _complain("其余图层读取正常 / the other layers were read:")
    for source in inputs:
        _complain(
            f"  {source.layer}: {source.path}: {source.used}/{source.rows} 行可用 rows usable, "
            f"{source.quarantined} 隔离 quarantined"
        )
    quarantine = getattr(error, "quarantine", None)
    if quarantine is not None and len(quarantine):
        from layers.quarantine import write_csv

        write_csv(quarantine, _made(out) / "quarantine.csv")
        _complain(f"隔离记录 / quarantined rows: {out / 'quarantine.csv'}")
        _tell_quarantine(quarantine)


def _tell_quarantine(quarantine: pd.DataFrame) -> None:
    """Say each kind of fault once, with the number of its rows and the first of them."""
    from layers.quarantine import summary

    lines = summary(quarantine)
    for line in lines.head(MOST_KINDS).itertuples():
        _complain(f"  - {line.reason_zh}\n    {line.reason_en}")
    if len(lines) > MOST_KINDS:
        _complain(f"  … {len(lines) - MOST_KINDS} 类从略 / more kinds left out")


def _tell_result(result: StudyResult, out: Path) -> None:
    trench, extension = result.trench.figures, result.extension.figures
    _say(
        f"联合开挖 / joint excavation: {trench['openings']} 次 openings "
        f"(分别实施 separately {trench['openings_separate']}), "
        f"{trench['closure_days']} 天封路 closure days ({trench['closure_separate_days']})"
    )
    _say(
        f"接入 / connections: {extension['connected']}/{extension['applications']}, "
        f"沟槽 trench {_km(extension['trench_m'])} km, 管线 lines {_km(extension['line_m'])} km"
    )
    _say(_sharing(extension))
    if result.coverage is not None:
        coverage = result.coverage.figures
        _say(
            f"4G 盲区 / gaps: {coverage['gap_count']}, {coverage['gap_km2']:.1f} km², "
            f"{coverage['people_in_gaps']} 人 people"
        )
    _tell_checks(result.checks)
    quarantine = result.county.quarantine
    if len(quarantine):
        rows = len(quarantine.drop_duplicates(["layer", "file", "row"]))
        _complain(
            f"{rows} 行未使用，见 / rows not used, see {out / 'quarantine.csv'}; "
            f"退出码 exit code {CHECK_FAILED if result.checks.failed else INPUT_AT_FAULT}"
        )
        _tell_quarantine(quarantine)
    _say(f"{result.seconds:.0f} s; 报告 / report: {out / 'report.html'}")


def _sharing(figures: Mapping[str, object]) -> str:
    """Say what joint routing saves against networks overlaid, and how far from the best it is."""
    overlay, joint = (float(str(figures[f"cost_{one}yuan"])) for one in ("overlay_", ""))
    saved = 1.0 - joint / overlay if overlay else 0.0
    return (
        f"联合布线 / joint routing: 比各专业叠加省 saves {saved:.1%} against the overlay, "
        f"距最优至多 at most {float(str(figures['gap'])):.1%} above the bound"
    )


def _km(metres: object) -> str:
    return f"{float(str(metres)) / 1000.0:.1f}"


def _tell_checks(checks: Checks) -> None:
    _say(f"核验 / checks: {checks.passed} 通过 passed, {checks.failed} 失败 failed")
    for failure in checks.failures[:20]:
        _complain(f"  - {failure.topic}/{failure.rule} {failure.subject}: {failure.detail}")


def _say(text: str) -> None:
    typer.echo(text)


def _complain(text: str) -> None:
    typer.echo(text, err=True)


def main() -> None:
    """Run the command line; whatever the environment says, no grid is fetched by PROJ."""
    os.environ["PROJ_NETWORK"] = "OFF"
    app()


if __name__ == "__main__":
    main()
