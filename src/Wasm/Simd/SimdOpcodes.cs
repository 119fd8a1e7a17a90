namespace HeliosEdge.Wasm.Simd;

/// <summary>
/// The 236 vector instructions of WebAssembly 2.0, by the number that follows the prefix 0xFD (core spec 5.4.8).
/// </summary>
internal static class SimdOpcodes
{
    private static readonly SimdOpcode?[] Defined = ByCode(
    [
        Load(0x00, "v128.load", nameof(SimdOperations.V128Load), 16),
        Load(0x01, "v128.load8x8_s", nameof(SimdOperations.V128Load8x8S), 8),
        Load(0x02, "v128.load8x8_u", nameof(SimdOperations.V128Load8x8U), 8),
        Load(0x03, "v128.load16x4_s", nameof(SimdOperations.V128Load16x4S), 8),
        Load(0x04, "v128.load16x4_u", nameof(SimdOperations.V128Load16x4U), 8),
        Load(0x05, "v128.load32x2_s", nameof(SimdOperations.V128Load32x2S), 8),
        Load(0x06, "v128.load32x2_u", nameof(SimdOperations.V128Load32x2U), 8),
        Load(0x07, "v128.load8_splat", nameof(SimdOperations.V128Load8Splat), 1),
        Load(0x08, "v128.load16_splat", nameof(SimdOperations.V128Load16Splat), 2),
        Load(0x09, "v128.load32_splat", nameof(SimdOperations.V128Load32Splat), 4),
        Load(0x0A, "v128.load64_splat", nameof(SimdOperations.V128Load64Splat), 8),
        Store(0x0B, "v128.store", nameof(SimdOperations.V128Store), 16),
        Const(0x0C, "v128.const"),
        Shuffle(0x0D, "i8x16.shuffle", nameof(SimdOperations.I8x16Shuffle)),
        Binary(0x0E, "i8x16.swizzle", nameof(SimdOperations.I8x16Swizzle)),
        Splat(0x0F, "i8x16.splat", nameof(SimdOperations.I8x16Splat), ValueKind.I32, 16),
        Splat(0x10, "i16x8.splat", nameof(SimdOperations.I16x8Splat), ValueKind.I32, 8),
        Splat(0x11, "i32x4.splat", nameof(SimdOperations.I32x4Splat), ValueKind.I32, 4),
        Splat(0x12, "i64x2.splat", nameof(SimdOperations.I64x2Splat), ValueKind.I64, 2),
        Splat(0x13, "f32x4.splat", nameof(SimdOperations.F32x4Splat), ValueKind.F32, 4),
        Splat(0x14, "f64x2.splat", nameof(SimdOperations.F64x2Splat), ValueKind.F64, 2),
        ExtractLane(0x15, "i8x16.extract_lane_s", nameof(SimdOperations.I8x16ExtractLaneS), ValueKind.I32, 16),
        ExtractLane(0x16, "i8x16.extract_lane_u", nameof(SimdOperations.I8x16ExtractLaneU), ValueKind.I32, 16),
        ReplaceLane(0x17, "i8x16.replace_lane", nameof(SimdOperations.I8x16ReplaceLane), ValueKind.I32, 16),
        ExtractLane(0x18, "i16x8.extract_lane_s", nameof(SimdOperations.I16x8ExtractLaneS), ValueKind.I32, 8),
        ExtractLane(0x19, "i16x8.extract_lane_u", nameof(SimdOperations.I16x8ExtractLaneU), ValueKind.I32, 8),
        ReplaceLane(0x1A, "i16x8.replace_lane", nameof(SimdOperations.I16x8ReplaceLane), ValueKind.I32, 8),
        ExtractLane(0x1B, "i32x4.extract_lane", nameof(SimdOperations.I32x4ExtractLane), ValueKind.I32, 4),
        ReplaceLane(0x1C, "i32x4.replace_lane", nameof(SimdOperations.I32x4ReplaceLane), ValueKind.I32, 4),
        ExtractLane(0x1D, "i64x2.extract_lane", nameof(SimdOperations.I64x2ExtractLane), ValueKind.I64, 2),
        ReplaceLane(0x1E, "i64x2.replace_lane", nameof(SimdOperations.I64x2ReplaceLane), ValueKind.I64, 2),
        ExtractLane(0x1F, "f32x4.extract_lane", nameof(SimdOperations.F32x4ExtractLane), ValueKind.F32, 4),
        ReplaceLane(0x20, "f32x4.replace_lane", nameof(SimdOperations.F32x4ReplaceLane), ValueKind.F32, 4),
        ExtractLane(0x21, "f64x2.extract_lane", nameof(SimdOperations.F64x2ExtractLane), ValueKind.F64, 2),
        ReplaceLane(0x22, "f64x2.replace_lane", nameof(SimdOperations.F64x2ReplaceLane), ValueKind.F64, 2),
        Lanewise(0x23, "i8x16.eq", nameof(SimdOperations.I8x16Eq)),
        Lanewise(0x24, "i8x16.ne", nameof(SimdOperations.I8x16Ne)),
        Lanewise(0x25, "i8x16.lt_s", nameof(SimdOperations.I8x16LtS)),
        Lanewise(0x26, "i8x16.lt_u", nameof(SimdOperations.I8x16LtU)),
        Lanewise(0x27, "i8x16.gt_s", nameof(SimdOperations.I8x16GtS)),
        Lanewise(0x28, "i8x16.gt_u", nameof(SimdOperations.I8x16GtU)),
        Lanewise(0x29, "i8x16.le_s", nameof(SimdOperations.I8x16LeS)),
        Lanewise(0x2A, "i8x16.le_u", nameof(SimdOperations.I8x16LeU)),
        Lanewise(0x2B, "i8x16.ge_s", nameof(SimdOperations.I8x16GeS)),
        Lanewise(0x2C, "i8x16.ge_u", nameof(SimdOperations.I8x16GeU)),
        Lanewise(0x2D, "i16x8.eq", nameof(SimdOperations.I16x8Eq)),
        Lanewise(0x2E, "i16x8.ne", nameof(SimdOperations.I16x8Ne)),
        Lanewise(0x2F, "i16x8.lt_s", nameof(SimdOperations.I16x8LtS)),
        Lanewise(0x30, "i16x8.lt_u", nameof(SimdOperations.I16x8LtU)),
        Lanewise(0x31, "i16x8.gt_s", nameof(SimdOperations.I16x8GtS)),
        Lanewise(0x32, "i16x8.gt_u", nameof(SimdOperations.I16x8GtU)),
        Lanewise(0x33, "i16x8.le_s", nameof(SimdOperations.I16x8LeS)),
        Lanewise(0x34, "i16x8.le_u", nameof(SimdOperations.I16x8LeU)),
        Lanewise(0x35, "i16x8.ge_s", nameof(SimdOperations.I16x8GeS)),
        Lanewise(0x36, "i16x8.ge_u", nameof(SimdOperations.I16x8GeU)),
        Lanewise(0x37, "i32x4.eq", nameof(SimdOperations.I32x4Eq)),
        Lanewise(0x38, "i32x4.ne", nameof(SimdOperations.I32x4Ne)),
        Lanewise(0x39, "i32x4.lt_s", nameof(SimdOperations.I32x4LtS)),
        Lanewise(0x3A, "i32x4.lt_u", nameof(SimdOperations.I32x4LtU)),
        Lanewise(0x3B, "i32x4.gt_s", nameof(SimdOperations.I32x4GtS)),
        Lanewise(0x3C, "i32x4.gt_u", nameof(SimdOperations.I32x4GtU)),
        Lanewise(0x3D, "i32x4.le_s", nameof(SimdOperations.I32x4LeS)),
        Lanewise(0x3E, "i32x4.le_u", nameof(SimdOperations.I32x4LeU)),
        Lanewise(0x3F, "i32x4.ge_s", nameof(SimdOperations.I32x4GeS)),
        Lanewise(0x40, "i32x4.ge_u", nameof(SimdOperations.I32x4GeU)),
        Binary(0x41, "f32x4.eq", nameof(SimdOperations.F32x4Eq)),
        Binary(0x42, "f32x4.ne", nameof(SimdOperations.F32x4Ne)),
        Binary(0x43, "f32x4.lt", nameof(SimdOperations.F32x4Lt)),
        Binary(0x44, "f32x4.gt", nameof(SimdOperations.F32x4Gt)),
        Binary(0x45, "f32x4.le", nameof(SimdOperations.F32x4Le)),
        Binary(0x46, "f32x4.ge", nameof(SimdOperations.F32x4Ge)),
        Binary(0x47, "f64x2.eq", nameof(SimdOperations.F64x2Eq)),
        Binary(0x48, "f64x2.ne", nameof(SimdOperations.F64x2Ne)),
        Binary(0x49, "f64x2.lt", nameof(SimdOperations.F64x2Lt)),
        Binary(0x4A, "f64x2.gt", nameof(SimdOperations.F64x2Gt)),
        Binary(0x4B, "f64x2.le", nameof(SimdOperations.F64x2Le)),
        Binary(0x4C, "f64x2.ge", nameof(SimdOperations.F64x2Ge)),
        Not(0x4D, "v128.not", nameof(SimdOperations.V128Not)),
        Bits(0x4E, "v128.and", nameof(SimdOperations.V128And)),
        ToBits(0x4F, "v128.andnot", nameof(SimdOperations.V128Andnot)),
        Bits(0x50, "v128.or", nameof(SimdOperations.V128Or)),
        ToBits(0x51, "v128.xor", nameof(SimdOperations.V128Xor)),
        Ternary(0x52, "v128.bitselect", nameof(SimdOperations.V128Bitselect)),
        Test(0x53, "v128.any_true", nameof(SimdOperations.V128AnyTrue)),
        LoadLane(0x54, "v128.load8_lane", nameof(SimdOperations.V128Load8Lane), 1),
        LoadLane(0x55, "v128.load16_lane", nameof(SimdOperations.V128Load16Lane), 2),
        LoadLane(0x56, "v128.load32_lane", nameof(SimdOperations.V128Load32Lane), 4),
        LoadLane(0x57, "v128.load64_lane", nameof(SimdOperations.V128Load64Lane), 8),
        StoreLane(0x58, "v128.store8_lane", nameof(SimdOperations.V128Store8Lane), 1),
        StoreLane(0x59, "v128.store16_lane", nameof(SimdOperations.V128Store16Lane), 2),
        StoreLane(0x5A, "v128.store32_lane", nameof(SimdOperations.V128Store32Lane), 4),
        StoreLane(0x5B, "v128.store64_lane", nameof(SimdOperations.V128Store64Lane), 8),
        Load(0x5C, "v128.load32_zero", nameof(SimdOperations.V128Load32Zero), 4),
        Load(0x5D, "v128.load64_zero", nameof(SimdOperations.V128Load64Zero), 8),
        Unary(0x5E, "f32x4.demote_f64x2_zero", nameof(SimdOperations.F32x4DemoteF64x2Zero)),
        Unary(0x5F, "f64x2.promote_low_f32x4", nameof(SimdOperations.F64x2PromoteLowF32x4)),
        Unary(0x60, "i8x16.abs", nameof(SimdOperations.I8x16Abs)),
        Unary(0x61, "i8x16.neg", nameof(SimdOperations.I8x16Neg)),
        Unary(0x62, "i8x16.popcnt", nameof(SimdOperations.I8x16Popcnt)),
        Test(0x63, "i8x16.all_true", nameof(SimdOperations.I8x16AllTrue)),
        Test(0x64, "i8x16.bitmask", nameof(SimdOperations.I8x16Bitmask)),
        Binary(0x65, "i8x16.narrow_i16x8_s", nameof(SimdOperations.I8x16NarrowI16x8S)),
        Binary(0x66, "i8x16.narrow_i16x8_u", nameof(SimdOperations.I8x16NarrowI16x8U)),
        Unary(0x67, "f32x4.ceil", nameof(SimdOperations.F32x4Ceil)),
        Unary(0x68, "f32x4.floor", nameof(SimdOperations.F32x4Floor)),
        Unary(0x69, "f32x4.trunc", nameof(SimdOperations.F32x4Trunc)),
        Unary(0x6A, "f32x4.nearest", nameof(SimdOperations.F32x4Nearest)),
        Shift(0x6B, "i8x16.shl", nameof(SimdOperations.I8x16Shl)),
        Shift(0x6C, "i8x16.shr_s", nameof(SimdOperations.I8x16ShrS)),
        Shift(0x6D, "i8x16.shr_u", nameof(SimdOperations.I8x16ShrU)),
        Binary(0x6E, "i8x16.add", nameof(SimdOperations.I8x16Add)),
        Binary(0x6F, "i8x16.add_sat_s", nameof(SimdOperations.I8x16AddSatS)),
        Binary(0x70, "i8x16.add_sat_u", nameof(SimdOperations.I8x16AddSatU)),
        Lanewise(0x71, "i8x16.sub", nameof(SimdOperations.I8x16Sub)),
        Binary(0x72, "i8x16.sub_sat_s", nameof(SimdOperations.I8x16SubSatS)),
        Binary(0x73, "i8x16.sub_sat_u", nameof(SimdOperations.I8x16SubSatU)),
        Unary(0x74, "f64x2.ceil", nameof(SimdOperations.F64x2Ceil)),
        Unary(0x75, "f64x2.floor", nameof(SimdOperations.F64x2Floor)),
        Binary(0x76, "i8x16.min_s", nameof(SimdOperations.I8x16MinS)),
        Binary(0x77, "i8x16.min_u", nameof(SimdOperations.I8x16MinU)),
        Binary(0x78, "i8x16.max_s", nameof(SimdOperations.I8x16MaxS)),
        Binary(0x79, "i8x16.max_u", nameof(SimdOperations.I8x16MaxU)),
        Unary(0x7A, "f64x2.trunc", nameof(SimdOperations.F64x2Trunc)),
        Binary(0x7B, "i8x16.avgr_u", nameof(SimdOperations.I8x16AvgrU)),
        Unary(0x7C, "i16x8.extadd_pairwise_i8x16_s", nameof(SimdOperations.I16x8ExtaddPairwiseI8x16S)),
        Unary(0x7D, "i16x8.extadd_pairwise_i8x16_u", nameof(SimdOperations.I16x8ExtaddPairwiseI8x16U)),
        Unary(0x7E, "i32x4.extadd_pairwise_i16x8_s", nameof(SimdOperations.I32x4ExtaddPairwiseI16x8S)),
        Unary(0x7F, "i32x4.extadd_pairwise_i16x8_u", nameof(SimdOperations.I32x4ExtaddPairwiseI16x8U)),
        Unary(0x80, "i16x8.abs", nameof(SimdOperations.I16x8Abs)),
        Unary(0x81, "i16x8.neg", nameof(SimdOperations.I16x8Neg)),
        Binary(0x82, "i16x8.q15mulr_sat_s", nameof(SimdOperations.I16x8Q15mulrSatS)),
        Test(0x83, "i16x8.all_true", nameof(SimdOperations.I16x8AllTrue)),
        Test(0x84, "i16x8.bitmask", nameof(SimdOperations.I16x8Bitmask)),
        Binary(0x85, "i16x8.narrow_i32x4_s", nameof(SimdOperations.I16x8NarrowI32x4S)),
        Binary(0x86, "i16x8.narrow_i32x4_u", nameof(SimdOperations.I16x8NarrowI32x4U)),
        Unary(0x87, "i16x8.extend_low_i8x16_s", nameof(SimdOperations.I16x8ExtendLowI8x16S)),
        Unary(0x88, "i16x8.extend_high_i8x16_s", nameof(SimdOperations.I16x8ExtendHighI8x16S)),
        Unary(0x89, "i16x8.extend_low_i8x16_u", nameof(SimdOperations.I16x8ExtendLowI8x16U)),
        Unary(0x8A, "i16x8.extend_high_i8x16_u", nameof(SimdOperations.I16x8ExtendHighI8x16U)),
        Shift(0x8B, "i16x8.shl", nameof(SimdOperations.I16x8Shl)),
        Shift(0x8C, "i16x8.shr_s", nameof(SimdOperations.I16x8ShrS)),
        Shift(0x8D, "i16x8.shr_u", nameof(SimdOperations.I16x8ShrU)),
        Binary(0x8E, "i16x8.add", nameof(SimdOperations.I16x8Add)),
        Binary(0x8F, "i16x8.add_sat_s", nameof(SimdOperations.I16x8AddSatS)),
        Binary(0x90, "i16x8.add_sat_u", nameof(SimdOperations.I16x8AddSatU)),
        Lanewise(0x91, "i16x8.sub", nameof(SimdOperations.I16x8Sub)),
        Binary(0x92, "i16x8.sub_sat_s", nameof(SimdOperations.I16x8SubSatS)),
        Binary(0x93, "i16x8.sub_sat_u", nameof(SimdOperations.I16x8SubSatU)),
        Unary(0x94, "f64x2.nearest", nameof(SimdOperations.F64x2Nearest)),
        Binary(0x95, "i16x8.mul", nameof(SimdOperations.I16x8Mul)),
        Binary(0x96, "i16x8.min_s", nameof(SimdOperations.I16x8MinS)),
        Binary(0x97, "i16x8.min_u", nameof(SimdOperations.I16x8MinU)),
        Binary(0x98, "i16x8.max_s", nameof(SimdOperations.I16x8MaxS)),
        Binary(0x99, "i16x8.max_u", nameof(SimdOperations.I16x8MaxU)),
        Binary(0x9B, "i16x8.avgr_u", nameof(SimdOperations.I16x8AvgrU)),
        Binary(0x9C, "i16x8.extmul_low_i8x16_s", nameof(SimdOperations.I16x8ExtmulLowI8x16S)),
        Binary(0x9D, "i16x8.extmul_high_i8x16_s", nameof(SimdOperations.I16x8ExtmulHighI8x16S)),
        Binary(0x9E, "i16x8.extmul_low_i8x16_u", nameof(SimdOperations.I16x8ExtmulLowI8x16U)),
        Binary(0x9F, "i16x8.extmul_high_i8x16_u", nameof(SimdOperations.I16x8ExtmulHighI8x16U)),
        Unary(0xA0, "i32x4.abs", nameof(SimdOperations.I32x4Abs)),
        Unary(0xA1, "i32x4.neg", nameof(SimdOperations.I32x4Neg)),
        Test(0xA3, "i32x4.all_true", nameof(SimdOperations.I32x4AllTrue)),
        Test(0xA4, "i32x4.bitmask", nameof(SimdOperations.I32x4Bitmask)),
        Unary(0xA7, "i32x4.extend_low_i16x8_s", nameof(SimdOperations.I32x4ExtendLowI16x8S)),
        Unary(0xA8, "i32x4.extend_high_i16x8_s", nameof(SimdOperations.I32x4ExtendHighI16x8S)),
        Unary(0xA9, "i32x4.extend_low_i16x8_u", nameof(SimdOperations.I32x4ExtendLowI16x8U)),
        Unary(0xAA, "i32x4.extend_high_i16x8_u", nameof(SimdOperations.I32x4ExtendHighI16x8U)),
        Shift(0xAB, "i32x4.shl", nameof(SimdOperations.I32x4Shl)),
        Shift(0xAC, "i32x4.shr_s", nameof(SimdOperations.I32x4ShrS)),
        Shift(0xAD, "i32x4.shr_u", nameof(SimdOperations.I32x4ShrU)),
        Binary(0xAE, "i32x4.add", nameof(SimdOperations.I32x4Add)),
        Lanewise(0xB1, "i32x4.sub", nameof(SimdOperations.I32x4Sub)),
        Binary(0xB5, "i32x4.mul", nameof(SimdOperations.I32x4Mul)),
        Binary(0xB6, "i32x4.min_s", nameof(SimdOperations.I32x4MinS)),
        Binary(0xB7, "i32x4.min_u", nameof(SimdOperations.I32x4MinU)),
        Binary(0xB8, "i32x4.max_s", nameof(SimdOperations.I32x4MaxS)),
        Binary(0xB9, "i32x4.max_u", nameof(SimdOperations.I32x4MaxU)),
        Binary(0xBA, "i32x4.dot_i16x8_s", nameof(SimdOperations.I32x4DotI16x8S)),
        Binary(0xBC, "i32x4.extmul_low_i16x8_s", nameof(SimdOperations.I32x4ExtmulLowI16x8S)),
        Binary(0xBD, "i32x4.extmul_high_i16x8_s", nameof(SimdOperations.I32x4ExtmulHighI16x8S)),
        Binary(0xBE, "i32x4.extmul_low_i16x8_u", nameof(SimdOperations.I32x4ExtmulLowI16x8U)),
        Binary(0xBF, "i32x4.extmul_high_i16x8_u", nameof(SimdOperations.I32x4ExtmulHighI16x8U)),
        Unary(0xC0, "i64x2.abs", nameof(SimdOperations.I64x2Abs)),
        Unary(0xC1, "i64x2.neg", nameof(SimdOperations.I64x2Neg)),
        Test(0xC3, "i64x2.all_true", nameof(SimdOperations.I64x2AllTrue)),
        Test(0xC4, "i64x2.bitmask", nameof(SimdOperations.I64x2Bitmask)),
        Unary(0xC7, "i64x2.extend_low_i32x4_s", nameof(SimdOperations.I64x2ExtendLowI32x4S)),
        Unary(0xC8, "i64x2.extend_high_i32x4_s", nameof(SimdOperations.I64x2ExtendHighI32x4S)),
        Unary(0xC9, "i64x2.extend_low_i32x4_u", nameof(SimdOperations.I64x2ExtendLowI32x4U)),
        Unary(0xCA, "i64x2.extend_high_i32x4_u", nameof(SimdOperations.I64x2ExtendHighI32x4U)),
        Shift(0xCB, "i64x2.shl", nameof(SimdOperations.I64x2Shl)),
        Shift(0xCC, "i64x2.shr_s", nameof(SimdOperations.I64x2ShrS)),
        Shift(0xCD, "i64x2.shr_u", nameof(SimdOperations.I64x2ShrU)),
        Binary(0xCE, "i64x2.add", nameof(SimdOperations.I64x2Add)),
        Lanewise(0xD1, "i64x2.sub", nameof(SimdOperations.I64x2Sub)),
        Binary(0xD5, "i64x2.mul", nameof(SimdOperations.I64x2Mul)),
        Lanewise(0xD6, "i64x2.eq", nameof(SimdOperations.I64x2Eq)),
        Lanewise(0xD7, "i64x2.ne", nameof(SimdOperations.I64x2Ne)),
        Lanewise(0xD8, "i64x2.lt_s", nameof(SimdOperations.I64x2LtS)),
        Lanewise(0xD9, "i64x2.gt_s", nameof(SimdOperations.I64x2GtS)),
        Lanewise(0xDA, "i64x2.le_s", nameof(SimdOperations.I64x2LeS)),
        Lanewise(0xDB, "i64x2.ge_s", nameof(SimdOperations.I64x2GeS)),
        Binary(0xDC, "i64x2.extmul_low_i32x4_s", nameof(SimdOperations.I64x2ExtmulLowI32x4S)),
        Binary(0xDD, "i64x2.extmul_high_i32x4_s", nameof(SimdOperations.I64x2ExtmulHighI32x4S)),
        Binary(0xDE, "i64x2.extmul_low_i32x4_u", nameof(SimdOperations.I64x2ExtmulLowI32x4U)),
        Binary(0xDF, "i64x2.extmul_high_i32x4_u", nameof(SimdOperations.I64x2ExtmulHighI32x4U)),
        Unary(0xE0, "f32x4.abs", nameof(SimdOperations.F32x4Abs)),
        Unary(0xE1, "f32x4.neg", nameof(SimdOperations.F32x4Neg)),
        Unary(0xE3, "f32x4.sqrt", nameof(SimdOperations.F32x4Sqrt)),
        Binary(0xE4, "f32x4.add", nameof(SimdOperations.F32x4Add)),
        Binary(0xE5, "f32x4.sub", nameof(SimdOperations.F32x4Sub)),
        Binary(0xE6, "f32x4.mul", nameof(SimdOperations.F32x4Mul)),
        Binary(0xE7, "f32x4.div", nameof(SimdOperations.F32x4Div)),
        Binary(0xE8, "f32x4.min", nameof(SimdOperations.F32x4Min)),
        Binary(0xE9, "f32x4.max", nameof(SimdOperations.F32x4Max)),
        Binary(0xEA, "f32x4.pmin", nameof(SimdOperations.F32x4Pmin)),
        Binary(0xEB, "f32x4.pmax", nameof(SimdOperations.F32x4Pmax)),
        Unary(0xEC, "f64x2.abs", nameof(SimdOperations.F64x2Abs)),
        Unary(0xED, "f64x2.neg", nameof(SimdOperations.F64x2Neg)),
        Unary(0xEF, "f64x2.sqrt", nameof(SimdOperations.F64x2Sqrt)),
        Binary(0xF0, "f64x2.add", nameof(SimdOperations.F64x2Add)),
        Binary(0xF1, "f64x2.sub", nameof(SimdOperations.F64x2Sub)),
        Binary(0xF2, "f64x2.mul", nameof(SimdOperations.F64x2Mul)),
        Binary(0xF3, "f64x2.div", nameof(SimdOperations.F64x2Div)),
        Binary(0xF4, "f64x2.min", nameof(SimdOperations.F64x2Min)),
        Binary(0xF5, "f64x2.max", nameof(SimdOperations.F64x2Max)),
        Binary(0xF6, "f64x2.pmin", nameof(SimdOperations.F64x2Pmin)),
        Binary(0xF7, "f64x2.pmax", nameof(SimdOperations.F64x2Pmax)),
        Unary(0xF8, "i32x4.trunc_sat_f32x4_s", nameof(SimdOperations.I32x4TruncSatF32x4S)),
        Unary(0xF9, "i32x4.trunc_sat_f32x4_u", nameof(SimdOperations.I32x4TruncSatF32x4U)),
        Unary(0xFA, "f32x4.convert_i32x4_s", nameof(SimdOperations.F32x4ConvertI32x4S)),
        Unary(0xFB, "f32x4.convert_i32x4_u", nameof(SimdOperations.F32x4ConvertI32x4U)),
        Unary(0xFC, "i32x4.trunc_sat_f64x2_s_zero", nameof(SimdOperations.I32x4TruncSatF64x2SZero)),
        Unary(0xFD, "i32x4.trunc_sat_f64x2_u_zero", nameof(SimdOperations.I32x4TruncSatF64x2UZero)),
        Unary(0xFE, "f64x2.convert_low_i32x4_s", nameof(SimdOperations.F64x2ConvertLowI32x4S)),
        Unary(0xFF, "f64x2.convert_low_i32x4_u", nameof(SimdOperations.F64x2ConvertLowI32x4U)),
    ]);

    /// <summary>The instruction with this number, or null if WebAssembly 2.0 defines none.</summary>
    internal static SimdOpcode? Get(uint code) => code < (uint)Defined.Length ? Defined[code] : null;

    private static SimdOpcode?[] ByCode(ReadOnlySpan<SimdOpcode> opcodes)
    {
        var byCode = new SimdOpcode?[256];
        foreach (SimdOpcode opcode in opcodes)
        {
            byCode[opcode.Code] = opcode;
        }

        return byCode;
    }

    private static SimdOpcode Unary(uint code, string name, string method) =>
        new(code, name, method, [ValueKind.V128], ValueKind.V128, SimdImmediate.None, 0, 0);

    private static SimdOpcode Binary(uint code, string name, string method) =>
        new(code, name, method, [ValueKind.V128, ValueKind.V128], ValueKind.V128, SimdImmediate.None, 0, 0);

    private static SimdOpcode Not(uint code, string name, string method) =>
        Unary(code, name, method) with { Folding = SimdFolding.ToBits };

    private static SimdOpcode Bits(uint code, string name, string method) =>
        Binary(code, name, method) with { Folding = SimdFolding.Bits };

    private static SimdOpcode ToBits(uint code, string name, string method) =>
        Binary(code, name, method) with { Folding = SimdFolding.ToBits };

    private static SimdOpcode Lanewise(uint code, string name, string method) =>
        Binary(code, name, method) with { Folding = SimdFolding.ToBitsOfLanes };

    private static SimdOpcode Ternary(uint code, string name, string method) =>
        new(code, name, method, [ValueKind.V128, ValueKind.V128, ValueKind.V128], ValueKind.V128, SimdImmediate.None, 0, 0, SimdFolding.Bits);

    private static SimdOpcode Test(uint code, string name, string method) =>
        new(code, name, method, [ValueKind.V128], ValueKind.I32, SimdImmediate.None, 0, 0, SimdFolding.Bits);

    private static SimdOpcode Shift(uint code, string name, string method) =>
        new(code, name, method, [ValueKind.V128, ValueKind.I32], ValueKind.V128, SimdImmediate.None, 0, 0);

    private static SimdOpcode Splat(uint code, string name, string method, ValueKind lane, int lanes) =>
        new(code, name, method, [lane], ValueKind.V128, SimdImmediate.None, 0, lanes, SimdFolding.Splat);

    private static SimdOpcode ExtractLane(uint code, string name, string method, ValueKind lane, int lanes) =>
        new(code, name, method, [ValueKind.V128], lane, SimdImmediate.Lane, 0, lanes);

    private static SimdOpcode ReplaceLane(uint code, string name, string method, ValueKind lane, int lanes) =>
        new(code, name, method, [ValueKind.V128, lane], ValueKind.V128, SimdImmediate.Lane, 0, lanes);

    private static SimdOpcode Const(uint code, string name) =>
        new(code, name, string.Empty, [], ValueKind.V128, SimdImmediate.Const, 0, 0);

    private static SimdOpcode Shuffle(uint code, string name, string method) =>
        new(code, name, method, [ValueKind.V128, ValueKind.V128], ValueKind.V128, SimdImmediate.Shuffle, 0, 32);

    private static SimdOpcode Load(uint code, string name, string method, int bytes) =>
        new(code, name, method, [ValueKind.I32], ValueKind.V128, SimdImmediate.MemArg, bytes, 0);

    private static SimdOpcode Store(uint code, string name, string method, int bytes) =>
        new(code, name, method, [ValueKind.I32, ValueKind.V128], null, SimdImmediate.MemArg, bytes, 0, SimdFolding.Bits);

    private static SimdOpcode LoadLane(uint code, string name, string method, int bytes) =>
        new(code, name, method, [ValueKind.I32, ValueKind.V128], ValueKind.V128, SimdImmediate.MemArgLane, bytes, 16 / bytes);

    private static SimdOpcode StoreLane(uint code, string name, string method, int bytes) =>
        new(code, name, method, [ValueKind.I32, ValueKind.V128], null, SimdImmediate.MemArgLane, bytes, 16 / bytes, SimdFolding.Bits);
}
