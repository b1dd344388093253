"""The parts of an exported program's JSON that are understood; whatever else it holds is refused.

The names of the fields are those of torch's schema (``torch/_export/serde/schema.py``).
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct


class Named(Struct):
    """A reference to a value."""

    name: str


class Size(Struct):
    """A number, or an expression that is not looked at."""

    as_int: int | None = None
    as_expr: dict[str, Any] | None = None


class Meta(Struct):
    """Type and shape of a tensor."""

    dtype: int
    sizes: list[Size]
    strides: list[Size]
    storage_offset: Size


class OnSize(Struct, forbid_unknown_fields=True):
    """A size, or the name of one."""

    as_name: str | None = None
    as_int: int | None = None
    as_float: float | None = None
    as_bool: bool | None = None


class Maybe(Struct, forbid_unknown_fields=True):
    """A tensor that may be absent."""

    as_tensor: Named | None = None
    as_none: bool | None = None


class Argument(Struct, forbid_unknown_fields=True):
    """One of these kinds; graphs, custom objects and operators as arguments are none of them."""

    as_none: bool | None = None
    as_tensor: Named | None = None
    as_tensors: list[Named] | None = None
    as_int: int | None = None
    as_ints: list[int] | None = None
    as_float: float | str | None = None
    as_floats: list[float | str] | None = None
    as_string: str | None = None
    as_bool: bool | None = None
    as_bools: list[bool] | None = None
    as_sym_int: OnSize | None = None
    as_sym_ints: list[OnSize] | None = None
    as_sym_float: OnSize | None = None
    as_sym_bool: OnSize | None = None
    as_scalar_type: int | None = None
    as_memory_format: int | None = None
    as_layout: int | None = None
    as_device: dict[str, Any] | None = None
    as_optional_tensor: Maybe | None = None
    as_optional_tensors: list[Maybe] | None = None


class Given(Struct):
    """An argument of an operation."""

    name: str
    arg: Argument


class Origin(Struct):
    """Where in the source of the program a node comes from."""

    nn_module_stack: str = ""


class Node(Struct):
    """One operation."""

    target: str
    inputs: list[Given]
    outputs: list[Argument]
    metadata: Origin
    name: str | None = None


class Graph(Struct):
    """All operations, in order."""

    nodes: list[Node]
    outputs: list[Argument]
    tensor_values: dict[str, Raw]


class Held(Struct):
    """A weight: how the graph calls it, and how the file does."""

    arg: Named
    parameter_name: str = ""
    buffer_name: str = ""
    tensor_constant_name: str = ""


class User(Struct):
    """What comes from or goes to the user."""

    arg: Argument


class Entry(Struct, forbid_unknown_fields=True):
    """An input of the graph; custom objects and tokens are none of these."""

    user_input: User | None = None
    parameter: Held | None = None
    buffer: Held | None = None
    tensor_constant: Held | None = None
    constant_input: dict[str, Any] | None = None


class Exit(Struct, forbid_unknown_fields=True):
    """An output of the graph."""

    user_output: User | None = None
    buffer_mutation: Held | None = None


class Signature(Struct):
    """Inputs and outputs."""

    input_specs: list[Entry]
    output_specs: list[Exit]


class GraphModule(Struct):
    """The graph and what it takes and gives."""

    graph: Graph
    signature: Signature


class Version(Struct):
    """Of the format."""

    major: int


class File(Struct):
    """All that is read of the JSON."""

    graph_module: GraphModule
    schema_version: Version


class Payload(Struct):
    """Where the numbers of a weight lie."""

    path_name: str
    use_pickle: bool
    tensor_meta: Meta | None = None


class Config(Struct):
    """The weights by name."""

    config: dict[str, Payload]
