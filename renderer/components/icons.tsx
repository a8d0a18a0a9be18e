import type { ReactNode } from 'react'

/** Icons that the library lacks, on the same grid: 24 units, strokes of 1.5, drawn at 16. */
function Drawn({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      width={16}
      height={16}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export const SplitIcon = () => (
  <Drawn>
    <rect x="4" y="5" width="16" height="14" rx="2" />
    <path d="M12 5v14" />
  </Drawn>
)

export const SideBySideIcon = () => (
  <Drawn>
    <rect x="3.5" y="6" width="7" height="12" rx="1.5" />
    <rect x="13.5" y="6" width="7" height="12" rx="1.5" />
  </Drawn>
)

export const DifferenceIcon = () => (
  <Drawn>
    <circle cx="9.5" cy="12" r="5.5" />
    <circle cx="14.5" cy="12" r="5.5" />
  </Drawn>
)

export const MaskIcon = ({
  size = 16,
  strokeWidth = 1.5,
}: {
  readonly size?: number
  readonly strokeWidth?: number
}) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth={strokeWidth}
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <circle cx="12" cy="12" r="8.5" strokeDasharray="3 2.6" />
    <path d="M8 15.5l7.5-7.5M11 17l6-6M7.500 12l4-4" />
  </svg>
)
