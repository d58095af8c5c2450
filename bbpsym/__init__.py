"""BBP transitions of Hessians and reweighted Wishart matrices, symbolic and numeric.

Everything is loaded on first use, so that ``import bbpsym`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bbpsym.answers.alpha_zero import AlphaZero as AlphaZero
    from bbpsym.answers.alpha_zero import alpha_zero as alpha_zero
    from bbpsym.answers.array_results import Edges as Edges
    from bbpsym.answers.array_results import Outliers as Outliers
    from bbpsym.answers.array_results import Thresholds as Thresholds
    from bbpsym.answers.arrays import edges as edges
    from bbpsym.answers.arrays import outliers as outliers
    from bbpsym.answers.arrays import thresholds as thresholds
    from bbpsym.answers.comparison import compare as compare
    from bbpsym.answers.comparison_table import Comparison as Comparison
    from bbpsym.answers.crossover import critical_a as critical_a
    from bbpsym.answers.density import density as density
    from bbpsym.answers.edge import Edge as Edge
    from bbpsym.answers.edge import edge as edge
    from bbpsym.answers.evaluation import evaluate as evaluate
    from bbpsym.answers.evaluation import lambdify as lambdify
    from bbpsym.answers.finite_edge import FiniteEdge as FiniteEdge
    from bbpsym.answers.finite_edge import finite_edge as finite_edge
    from bbpsym.answers.lowest_threshold import Best as Best
    from bbpsym.answers.lowest_threshold import best as best
    from bbpsym.answers.outlier import Outlier as Outlier
    from bbpsym.answers.outlier import outlier as outlier
    from bbpsym.answers.outlier_band import OutlierBand as OutlierBand
    from bbpsym.answers.outlier_band import outlier_band as outlier_band
    from bbpsym.answers.parametric import EdgeCurve as EdgeCurve
    from bbpsym.answers.parametric import OutlierCurve as OutlierCurve
    from bbpsym.answers.parametric import edge_curve as edge_curve
    from bbpsym.answers.parametric import outlier_curve as outlier_curve
    from bbpsym.answers.result_table import Table as Table
    from bbpsym.answers.sampled import PredictedOutlier as PredictedOutlier
    from bbpsym.answers.sampled import Prediction as Prediction
    from bbpsym.answers.sampled import predict as predict
    from bbpsym.answers.sampled import predict_from as predict_from
    from bbpsym.answers.sampled_phi import PredictedCrossing as PredictedCrossing
    from bbpsym.answers.sampled_phi import PredictedPhi as PredictedPhi
    from bbpsym.answers.sampled_phi import predicted_crossing as predicted_crossing
    from bbpsym.answers.sampled_phi import predicted_phi as predicted_phi
    from bbpsym.answers.student_outliers import StudentOutliers as StudentOutliers
    from bbpsym.answers.student_outliers import StudentSector as StudentSector
    from bbpsym.answers.student_outliers import student_outliers as student_outliers
    from bbpsym.answers.student_outliers import student_resolvent as student_resolvent
    from bbpsym.answers.tables import table as table
    from bbpsym.answers.threshold import Threshold as Threshold
    from bbpsym.answers.threshold import threshold as threshold
    from bbpsym.appendix.assemble import derive as derive
    from bbpsym.appendix.derivation import Derivation as Derivation
    from bbpsym.claims.trial import claim as claim
    from bbpsym.claims.verdict import Claim as Claim
    from bbpsym.ensembles.deformed_gaussian import DeformedGaussian as DeformedGaussian
    from bbpsym.ensembles.index_models.multi_index import MultiIndex as MultiIndex
    from bbpsym.ensembles.methods import averaged_hessian as averaged_hessian
    from bbpsym.ensembles.methods import luo_alghamdi_lu as luo_alghamdi_lu
    from bbpsym.ensembles.methods import mondelli_montanari as mondelli_montanari
    from bbpsym.ensembles.methods import spiked_identity as spiked_identity
    from bbpsym.ensembles.methods import subset as subset
    from bbpsym.ensembles.methods import trimmed as trimmed
    from bbpsym.ensembles.methods import truncated as truncated
    from bbpsym.ensembles.networks.two_layer import Network as Network
    from bbpsym.ensembles.sample_covariance import SampleCovariance as SampleCovariance
    from bbpsym.ensembles.wishart import Ensemble as Ensemble
    from bbpsym.laws.labels import Labels as Labels
    from bbpsym.laws.labels import discrete_labels as discrete_labels
    from bbpsym.laws.labels import labels_of as labels_of
    from bbpsym.laws.labels import laplace_labels as laplace_labels
    from bbpsym.laws.labels import teacher_labels as teacher_labels
    from bbpsym.model import Model as Model
    from bbpsym.numerics.ball import Ball as Ball

_HOMES = {
    "Model": "bbpsym.model",
    "Ensemble": "bbpsym.ensembles.wishart",
    "Labels": "bbpsym.laws.labels",
    "Network": "bbpsym.ensembles.networks.two_layer",
    "DeformedGaussian": "bbpsym.ensembles.deformed_gaussian",
    "SampleCovariance": "bbpsym.ensembles.sample_covariance",
    "derive": "bbpsym.appendix.assemble",
    "Derivation": "bbpsym.appendix.derivation",
    "MultiIndex": "bbpsym.ensembles.index_models.multi_index",
    "teacher_labels": "bbpsym.laws.labels",
    "labels_of": "bbpsym.laws.labels",
    "laplace_labels": "bbpsym.laws.labels",
    "discrete_labels": "bbpsym.laws.labels",
    "averaged_hessian": "bbpsym.ensembles.methods",
    "luo_alghamdi_lu": "bbpsym.ensembles.methods",
    "mondelli_montanari": "bbpsym.ensembles.methods",
    "spiked_identity": "bbpsym.ensembles.methods",
    "subset": "bbpsym.ensembles.methods",
    "trimmed": "bbpsym.ensembles.methods",
    "truncated": "bbpsym.ensembles.methods",
    "Ball": "bbpsym.numerics.ball",
    "threshold": "bbpsym.answers.threshold",
    "Threshold": "bbpsym.answers.threshold",
    "edge": "bbpsym.answers.edge",
    "Edge": "bbpsym.answers.edge",
    "outlier": "bbpsym.answers.outlier",
    "Outlier": "bbpsym.answers.outlier",
    "outlier_band": "bbpsym.answers.outlier_band",
    "OutlierBand": "bbpsym.answers.outlier_band",
    "density": "bbpsym.answers.density",
    "best": "bbpsym.answers.lowest_threshold",
    "Best": "bbpsym.answers.lowest_threshold",
    "compare": "bbpsym.answers.comparison",
    "Comparison": "bbpsym.answers.comparison_table",
    "critical_a": "bbpsym.answers.crossover",
    "evaluate": "bbpsym.answers.evaluation",
    "lambdify": "bbpsym.answers.evaluation",
    "finite_edge": "bbpsym.answers.finite_edge",
    "FiniteEdge": "bbpsym.answers.finite_edge",
    "alpha_zero": "bbpsym.answers.alpha_zero",
    "AlphaZero": "bbpsym.answers.alpha_zero",
    "thresholds": "bbpsym.answers.arrays",
    "Thresholds": "bbpsym.answers.array_results",
    "edges": "bbpsym.answers.arrays",
    "Edges": "bbpsym.answers.array_results",
    "outliers": "bbpsym.answers.arrays",
    "Outliers": "bbpsym.answers.array_results",
    "edge_curve": "bbpsym.answers.parametric",
    "EdgeCurve": "bbpsym.answers.parametric",
    "outlier_curve": "bbpsym.answers.parametric",
    "OutlierCurve": "bbpsym.answers.parametric",
    "student_outliers": "bbpsym.answers.student_outliers",
    "student_resolvent": "bbpsym.answers.student_outliers",
    "StudentOutliers": "bbpsym.answers.student_outliers",
    "StudentSector": "bbpsym.answers.student_outliers",
    "predict": "bbpsym.answers.sampled",
    "predict_from": "bbpsym.answers.sampled",
    "Prediction": "bbpsym.answers.sampled",
    "PredictedOutlier": "bbpsym.answers.sampled",
    "predicted_phi": "bbpsym.answers.sampled_phi",
    "PredictedPhi": "bbpsym.answers.sampled_phi",
    "predicted_crossing": "bbpsym.answers.sampled_phi",
    "PredictedCrossing": "bbpsym.answers.sampled_phi",
    "claim": "bbpsym.claims.trial",
    "Claim": "bbpsym.claims.verdict",
    "table": "bbpsym.answers.tables",
    "Table": "bbpsym.answers.result_table",
}

__all__ = sorted(_HOMES)


#: Modules of the package for a person to look into.
_MODULES = ("averages", "equations", "errors", "figures", "finite", "records", "symbols")


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("bbpsym")
    if name not in _HOMES:
        from bbpsym.errors import meant

        raise AttributeError(f"module 'bbpsym' has no attribute {name!r}{meant(name, _HOMES)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    special = (name for name in globals() if name.startswith("__") and name.endswith("__"))
    return sorted({*special, "__version__", *_HOMES, *_MODULES})
