from .io.cell import open_cell
from .io.contract import ReaderError
from .io.study import Study, open_study
from .model.study import StudyError
from .panels.coulombic import CoulombicPanel
from .panels.cycling import CyclingPanel
from .panels.impedance import ImpedancePanel
from .panels.inventory import InventoryPanel
from .panels.rate import RatePanel
from .panels.symmetric import SymmetricPanel
from .reports.runner import report

__version__: str
__all__ = [
    "CoulombicPanel",
    "CyclingPanel",
    "ImpedancePanel",
    "InventoryPanel",
    "RatePanel",
    "ReaderError",
    "Study",
    "StudyError",
    "SymmetricPanel",
    "open_cell",
    "open_study",
    "report",
]
