import { TriangleAlert } from 'lucide-react'
import type { Complaint as Wrong } from '../state/form.ts'

interface Props {
  readonly id: string
  readonly wrong: Wrong
  readonly onFix?: (value: number) => void
}

/** The sentence under a wrong field, with the value that would be right as a button. */
export function Complaint({ id, wrong, onFix }: Props) {
  return (
    <div className="complaint" role="alert" id={id}>
      <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
      <span>{wrong.sentence}</span>
      {wrong.fix !== undefined && onFix !== undefined && (
        <button type="button" className="link" onClick={() => wrong.fix && onFix(wrong.fix.value)}>
          {wrong.fix.label}
        </button>
      )}
    </div>
  )
}
