"""Arithmetic on many draws at once: symmetric matrices and directions, one row of numbers for each entry.

A *room* is one flat array of rows, each of `LANES` numbers, one for each draw. A row is named by a constant, so that a
compiler sees that rows never overlap and does four draws in one instruction. A symmetric matrix is its lower triangle,
ten rows; entry (i, j) with i >= j is row `i * (i + 1) / 2 + j`.
"""

import numpy as np

from model.kernel import compiled, inlined

LANES = 16
TINY = 1e-14


@inlined
def place(i, j):
    """Row of entry (i, j) of a symmetric matrix, counted from its first."""
    return i * (i + 1) // 2 + j if i >= j else j * (j + 1) // 2 + i


@inlined
def _entries(room, triangle, b):
    # The lower triangle of one draw, row by row.
    a = triangle * LANES + b
    first = room[a], room[a + LANES], room[a + 2 * LANES], room[a + 3 * LANES], room[a + 4 * LANES]
    second = room[a + 5 * LANES], room[a + 6 * LANES], room[a + 7 * LANES], room[a + 8 * LANES], room[a + 9 * LANES]
    return first + second


@compiled
def invert(room, given, out):
    """Inverse of the symmetric positive definite matrix in the ten rows from `given` on, into those from `out` on."""
    for b in range(LANES):
        a00, a10, a11, a20, a21, a22, a30, a31, a32, a33 = _entries(room, given, b)
        r0 = 1.0 / np.sqrt(max(a00, TINY))
        l10, l20, l30 = a10 * r0, a20 * r0, a30 * r0
        r1 = 1.0 / np.sqrt(max(a11 - l10 * l10, TINY))
        l21, l31 = (a21 - l20 * l10) * r1, (a31 - l30 * l10) * r1
        r2 = 1.0 / np.sqrt(max(a22 - l20 * l20 - l21 * l21, TINY))
        l32 = (a32 - l30 * l20 - l31 * l21) * r2
        r3 = 1.0 / np.sqrt(max(a33 - l30 * l30 - l31 * l31 - l32 * l32, TINY))
        # The inverse of the Cholesky factor, then its transpose times itself.
        i10 = -l10 * r0 * r1
        i20 = -(l20 * r0 + l21 * i10) * r2
        i30 = -(l30 * r0 + l31 * i10 + l32 * i20) * r3
        i21 = -l21 * r1 * r2
        i31 = -(l31 * r1 + l32 * i21) * r3
        i32 = -l32 * r2 * r3
        o = out * LANES + b
        room[o] = r0 * r0 + i10 * i10 + i20 * i20 + i30 * i30
        room[o + LANES] = r1 * i10 + i21 * i20 + i31 * i30
        room[o + 2 * LANES] = r1 * r1 + i21 * i21 + i31 * i31
        room[o + 3 * LANES] = r2 * i20 + i32 * i30
        room[o + 4 * LANES] = r2 * i21 + i32 * i31
        room[o + 5 * LANES] = r2 * r2 + i32 * i32
        room[o + 6 * LANES] = r3 * i30
        room[o + 7 * LANES] = r3 * i31
        room[o + 8 * LANES] = r3 * i32
        room[o + 9 * LANES] = r3 * r3


@compiled
def times(room, matrix, vector, out):
    """Symmetric matrix times vector; four rows."""
    for b in range(LANES):
        v, o = vector * LANES + b, out * LANES + b
        v0, v1, v2, v3 = room[v], room[v + LANES], room[v + 2 * LANES], room[v + 3 * LANES]
        s00, s10, s11, s20, s21, s22, s30, s31, s32, s33 = _entries(room, matrix, b)
        room[o] = s00 * v0 + s10 * v1 + s20 * v2 + s30 * v3
        room[o + LANES] = s10 * v0 + s11 * v1 + s21 * v2 + s31 * v3
        room[o + 2 * LANES] = s20 * v0 + s21 * v1 + s22 * v2 + s32 * v3
        room[o + 3 * LANES] = s30 * v0 + s31 * v1 + s32 * v2 + s33 * v3


@compiled
def add_turned(room, factor, vector, out):
    """Add `F v` of the lower triangular `F`, packed as its lower triangle; four rows."""
    for b in range(LANES):
        v, o = vector * LANES + b, out * LANES + b
        v0, v1, v2, v3 = room[v], room[v + LANES], room[v + 2 * LANES], room[v + 3 * LANES]
        f00, f10, f11, f20, f21, f22, f30, f31, f32, f33 = _entries(room, factor, b)
        room[o] += f00 * v0
        room[o + LANES] += f10 * v0 + f11 * v1
        room[o + 2 * LANES] += f20 * v0 + f21 * v1 + f22 * v2
        room[o + 3 * LANES] += f30 * v0 + f31 * v1 + f32 * v2 + f33 * v3


@compiled
def add_turned_back(room, factor, vector, out):
    """Add `F' v` of the lower triangular `F`, packed as its lower triangle; four rows."""
    for b in range(LANES):
        v, o = vector * LANES + b, out * LANES + b
        v0, v1, v2, v3 = room[v], room[v + LANES], room[v + 2 * LANES], room[v + 3 * LANES]
        f00, f10, f11, f20, f21, f22, f30, f31, f32, f33 = _entries(room, factor, b)
        room[o] += f00 * v0 + f10 * v1 + f20 * v2 + f30 * v3
        room[o + LANES] += f11 * v1 + f21 * v2 + f31 * v3
        room[o + 2 * LANES] += f22 * v2 + f32 * v3
        room[o + 3 * LANES] += f33 * v3


@compiled
def turned(room, factor, matrix, out):
    """`F S F'` of the lower triangular `F`, packed as its lower triangle, and the symmetric `S`; ten rows."""
    for b in range(LANES):
        o = out * LANES + b
        f00, f10, f11, f20, f21, f22, f30, f31, f32, f33 = _entries(room, factor, b)
        s00, s10, s11, s20, s21, s22, s30, s31, s32, s33 = _entries(room, matrix, b)
        a10, a11 = f10 * s00 + f11 * s10, f10 * s10 + f11 * s11
        a20, a21 = f20 * s00 + f21 * s10 + f22 * s20, f20 * s10 + f21 * s11 + f22 * s21
        a22 = f20 * s20 + f21 * s21 + f22 * s22
        a30 = f30 * s00 + f31 * s10 + f32 * s20 + f33 * s30
        a31 = f30 * s10 + f31 * s11 + f32 * s21 + f33 * s31
        a32 = f30 * s20 + f31 * s21 + f32 * s22 + f33 * s32
        a33 = f30 * s30 + f31 * s31 + f32 * s32 + f33 * s33
        room[o] = f00 * s00 * f00
        room[o + LANES] = a10 * f00
        room[o + 2 * LANES] = a10 * f10 + a11 * f11
        room[o + 3 * LANES] = a20 * f00
        room[o + 4 * LANES] = a20 * f10 + a21 * f11
        room[o + 5 * LANES] = a20 * f20 + a21 * f21 + a22 * f22
        room[o + 6 * LANES] = a30 * f00
        room[o + 7 * LANES] = a30 * f10 + a31 * f11
        room[o + 8 * LANES] = a30 * f20 + a31 * f21 + a32 * f22
        room[o + 9 * LANES] = a30 * f30 + a31 * f31 + a32 * f32 + a33 * f33


@compiled
def turned_back(room, factor, matrix, out):
    """`F' S F` of the lower triangular `F`, packed as its lower triangle, and the symmetric `S`; ten rows."""
    for b in range(LANES):
        o = out * LANES + b
        f00, f10, f11, f20, f21, f22, f30, f31, f32, f33 = _entries(room, factor, b)
        s00, s10, s11, s20, s21, s22, s30, s31, s32, s33 = _entries(room, matrix, b)
        a00 = s00 * f00 + s10 * f10 + s20 * f20 + s30 * f30
        a10 = s10 * f00 + s11 * f10 + s21 * f20 + s31 * f30
        a20 = s20 * f00 + s21 * f10 + s22 * f20 + s32 * f30
        a30 = s30 * f00 + s31 * f10 + s32 * f20 + s33 * f30
        a11 = s11 * f11 + s21 * f21 + s31 * f31
        a21 = s21 * f11 + s22 * f21 + s32 * f31
        a31 = s31 * f11 + s32 * f21 + s33 * f31
        a22, a32, a33 = s22 * f22 + s32 * f32, s32 * f22 + s33 * f32, s33 * f33
        room[o] = f00 * a00 + f10 * a10 + f20 * a20 + f30 * a30
        room[o + LANES] = f11 * a10 + f21 * a20 + f31 * a30
        room[o + 2 * LANES] = f11 * a11 + f21 * a21 + f31 * a31
        room[o + 3 * LANES] = f22 * a20 + f32 * a30
        room[o + 4 * LANES] = f22 * a21 + f32 * a31
        room[o + 5 * LANES] = f22 * a22 + f32 * a32
        room[o + 6 * LANES] = f33 * a30
        room[o + 7 * LANES] = f33 * a31
        room[o + 8 * LANES] = f33 * a32
        room[o + 9 * LANES] = f33 * a33
