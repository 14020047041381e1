from .io.cell import open_cell
from .io.contract import ReaderError
from .io.conversion import convert
from .io.elemental import elemental_analysis
from .io.inspection import inspect_folder
from .io.measurement import open_measurement
from .io.study import Study, open_study
from .model.study import StudyError
from .panels.adhesion import AdhesionPanel
from .panels.composition import CompositionPanel
from .panels.conductivity import ConductivityPanel
from .panels.coulombic import CoulombicPanel
from .panels.cycling import CyclingPanel
from .panels.diffraction import DiffractionPanel
from .panels.impedance import ImpedancePanel
from .panels.indentation import IndentationPanel
from .panels.inventory import InventoryPanel
from .panels.micrograph import MicrographPanel
from .panels.photoemission import PhotoemissionPanel
from .panels.rate import RatePanel
from .panels.sorption import SorptionPanel
from .panels.symmetric import SymmetricPanel
from .panels.thermal import ThermalPanel
from .panels.transference import TransferencePanel
from .reports.runner import report
from .workbench import AuditPanel, Workbench

__version__: str
__all__ = [
    "AdhesionPanel",
    "AuditPanel",
    "CompositionPanel",
    "ConductivityPanel",
    "CoulombicPanel",
    "CyclingPanel",
    "DiffractionPanel",
    "ImpedancePanel",
    "IndentationPanel",
    "InventoryPanel",
    "MicrographPanel",
    "PhotoemissionPanel",
    "RatePanel",
    "ReaderError",
    "SorptionPanel",
    "Study",
    "StudyError",
    "SymmetricPanel",
    "ThermalPanel",
    "TransferencePanel",
    "Workbench",
    "convert",
    "elemental_analysis",
    "inspect_folder",
    "open_cell",
    "open_measurement",
    "open_study",
    "report",
]
