export * from './elementwise.ts'
export * from './linear.ts'
export * from './normalization.ts'
export * from './shape.ts'
