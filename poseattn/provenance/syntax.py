"""Normal form of Python source: equal for equal behaviour, in every version of Python. Standard library only.

Left out are comments, spacing, docstrings, the wording of errors and log lines, and constants that a module names in
`MOVES_NO_NUMBER`. The form is our own, since `ast.dump` and `repr` say other things in other versions of Python.
"""

import ast
from collections.abc import Iterator

MARK = "MOVES_NO_NUMBER"
_SCOPES = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_IGNORED = ("ctx", "type_comment", "type_ignores", "kind")  # fields without a meaning of their own
_LITERAL = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context)
_LOGGERS = ("log", "_log", "logger", "_logger", "logging")
_LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")
_EFFECTS = (ast.Await, ast.Call, ast.NamedExpr, ast.Yield, ast.YieldFrom)
_HARMLESS = ("len", "max", "min", "repr", "round", "sorted", "str", "sum", "type")  # what messages call


def normal_form(source: str | ast.Module) -> str:
    """What a module computes, as text.

    Args:
        source: Of the module; a tree is changed.

    Returns:
        Equal texts for sources that differ in comments, spacing, docstrings, wording of messages, or constants that
        `MOVES_NO_NUMBER` names.

    Raises:
        ValueError: `MOVES_NO_NUMBER` names something else than a literal constant of the module.
        SyntaxError: The text is no Python.
    """
    tree = ast.parse(source) if isinstance(source, str) else source
    _drop_constants(tree)
    parts: list[str] = []
    _write(tree, parts)
    return "".join(parts)


def harmless_names(tree: ast.Module) -> tuple[str, ...]:
    """Constants of a module that `MOVES_NO_NUMBER` names.

    Args:
        tree: Of the module.

    Returns:
        The names; none without this constant.

    Raises:
        ValueError: It is no tuple of texts.
    """
    for node in tree.body:
        if isinstance(node, ast.Assign) and [target.id for target in _names(node)] == [MARK]:
            names = node.value.elts if isinstance(node.value, ast.Tuple) else []
            if not names or not all(isinstance(name, ast.Constant) and isinstance(name.value, str) for name in names):
                raise ValueError(f"{MARK}: line {node.lineno}: expected a tuple of names")
            return tuple(name.value for name in names)
    return ()


def _drop_constants(tree: ast.Module) -> None:
    """Take the constants out that `MOVES_NO_NUMBER` names, and itself."""
    left = {*harmless_names(tree), MARK}
    kept = []
    for node in tree.body:
        found = {target.id for target in _names(node)}
        if found and found <= left:
            if not all(isinstance(part, _LITERAL) for part in ast.walk(node.value)):
                raise ValueError(f"{MARK}: line {node.lineno}: {', '.join(sorted(found))} is no literal")
            left -= found
        else:
            kept.append(node)
    if missing := left - {MARK}:
        raise ValueError(f"{MARK}: {', '.join(sorted(missing))} is no constant of the module")
    tree.body = kept


def _names(node: ast.stmt) -> list[ast.Name]:
    """Return the names that a statement assigns, if it assigns to names alone."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    target = node.targets[0]
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return names if all(isinstance(name, ast.Name) for name in names) else []


def _write(value: object, parts: list[str]) -> None:
    """Append the normal form of a node, of a list of nodes, or of a constant."""
    if isinstance(value, list):
        parts.append("[")
        for item in value:
            _write(item, parts)
        parts.append("]")
    elif isinstance(value, ast.JoinedStr):
        _write_joined(value, parts)
    elif isinstance(value, ast.Raise) and _is_error(value.exc):
        _write_raise(value, parts)
    elif isinstance(value, ast.Call) and _is_logging(value):
        parts.append("(log")
        for argument in (*value.args, *value.keywords):
            _write_effects(argument, parts)
        parts.append(")")
    elif isinstance(value, ast.AST):
        _write_node(value, parts)
    else:
        parts.append(f"{type(value).__name__}:{ascii(value)};")


def _write_node(node: ast.AST, parts: list[str]) -> None:
    """Write a node by its class and its fields, without empty fields, in which versions of Python differ."""
    parts.append(f"({type(node).__name__}")
    for name in node._fields:
        value = getattr(node, name, None)
        if name == "body" and isinstance(node, _SCOPES) and ast.get_docstring(node, clean=False) is not None:
            value = value[1:]
        is_none = isinstance(node, ast.Constant) and name == "value"  # None is a value only here
        if name not in _IGNORED and value != [] and (value is not None or is_none):
            parts.append(f" {name}=")
            _write(value, parts)
    parts.append(")")


def _write_joined(node: ast.JoinedStr, parts: list[str]) -> None:
    """Write an f-string: adjacent texts become one, and empty texts go, since versions of Python differ in both."""
    parts.append("(f")
    text = ""
    for value in node.values:
        if isinstance(value, ast.Constant):
            text += value.value
            continue
        _write(text, parts)
        _write(value, parts)
        text = ""
    _write(text, parts)
    parts.append(")")


def _is_error(node: ast.expr | None) -> bool:
    """Tell whether a call makes an error from arguments: the called name is the name of a class."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name.lstrip("_")[:1].isupper()


def _write_raise(node: ast.Raise, parts: list[str]) -> None:
    """Write a raised error without texts among its arguments; handlers look at the rest, such as an error number."""
    parts.append("(Raise exc=")
    _write(node.exc.func, parts)
    for argument in (*node.exc.args, *node.exc.keywords):
        _write_wordless(argument, parts)
    _write(node.cause, parts)
    parts.append(")")


def _write_wordless(node: ast.AST, parts: list[str]) -> None:
    """Write an argument of an error: texts only by their effects."""
    if _is_text(node):
        _write_effects(node, parts)
    elif isinstance(node, ast.keyword | ast.BinOp | ast.IfExp | ast.Starred):
        parts.append(f"({type(node).__name__} {getattr(node, 'arg', '')}")
        for child in ast.iter_child_nodes(node):
            _write_wordless(child, parts)
        parts.append(")")
    else:
        _write(node, parts)


def _is_text(node: ast.AST) -> bool:
    """Tell whether this is a text, an f-string, or made by a method of a text, such as `", ".join(names)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _is_text(node.func.value)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _write_effects(node: ast.AST, parts: list[str]) -> None:
    """Write the effects of making a message: assignments, and calls that may do more than return a text."""
    for effect in _effects(node):
        _write_node(effect, parts)


def _effects(node: ast.AST) -> Iterator[ast.AST]:
    harmless = isinstance(node, ast.Call) and (
        _is_text(node) or (isinstance(node.func, ast.Name) and node.func.id in _HARMLESS)
    )
    if isinstance(node, _EFFECTS) and not harmless:
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _effects(child)


def _is_logging(node: ast.Call) -> bool:
    """Tell whether this writes a line of the log."""
    function = node.func
    called = isinstance(function, ast.Attribute) and function.attr in _LEVELS
    return called and isinstance(function.value, ast.Name) and function.value.id in _LOGGERS
