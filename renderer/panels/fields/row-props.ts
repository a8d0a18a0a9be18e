import type { ModelInfo } from '../../state/api.ts'
import type { Field, Values } from '../../state/form.ts'

/** What the control of one parameter is given. */
export interface RowProps {
  readonly field: Field
  readonly values: Values
  readonly model: ModelInfo | undefined
}
