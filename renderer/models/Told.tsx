import type { ProblemInfo } from '../state/api.ts'

/** What happened and what to do; addresses in it can be opened. */
export function Told({ problem: { message, hint } }: { problem: ProblemInfo }) {
  return (
    <div role="alert">
      <p className="mwords">{message}</p>
      {hint !== undefined && <p className="mwords">{hint.split(ADDRESS).map(linked)}</p>}
    </div>
  )
}

const ADDRESS = /(https:\/\/[^\s,]+)/

const linked = (piece: string) =>
  ADDRESS.test(piece) ? (
    <a key={piece} className="link" href={piece} target="_blank" rel="noreferrer">
      {piece}
    </a>
  ) : (
    piece
  )
