/** What masks from words mean, for the page too: functions without input or output. */
export { type MaskEdge, maskWhere, thingsIn } from '../tensor/word-mask.ts'
