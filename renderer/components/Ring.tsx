interface Props {
  /** Done so far, 0 to 1; a quarter when nothing is known. */
  readonly share?: number
}

const RADIUS = 6.5
const LENGTH = 2 * Math.PI * RADIUS

/** A ring that fills as work goes on. It does not turn: words next to it say what happens. */
export function Ring({ share = 0.25 }: Props) {
  return (
    <svg className="ring" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r={RADIUS} />
      <circle cx="8" cy="8" r={RADIUS} strokeDasharray={`${LENGTH * Math.min(1, Math.max(0, share))} ${LENGTH}`} />
    </svg>
  )
}
