/** Every colour, radius, shadow and measure of the product. An operator's accent replaces `teal`. */
import {
  type CSSVariablesResolver,
  type MantineColorsTuple,
  createTheme,
  defaultVariantColorsResolver,
} from "@mantine/core";

const teal: MantineColorsTuple = [
  "#eaf4f3",
  "#d7eae8",
  "#b4d7d4",
  "#8ac2bd",
  "#5faaa4",
  "#3a918b",
  "#1f7b76",
  "#146b67",
  "#0f5e5c",
  "#0b4a48",
];

const gray: MantineColorsTuple = [
  "#faf9f7",
  "#f3f1ed",
  "#e9e6e0",
  "#dcd8d0",
  "#c4bfb5",
  "#a39d92",
  "#857f74",
  "#68635a",
  "#48443d",
  "#2a2723",
];

const dark: MantineColorsTuple = [
  "#ece9e3",
  "#c9c4bb",
  "#a8a299",
  "#7d776e",
  "#4d4942",
  "#3a3732",
  "#2a2824",
  "#201f1c",
  "#1a1917",
  "#141311",
];

/** Around `--p-danger`: shade 8 fills in the light, 6 in the dark. */
const red: MantineColorsTuple = [
  "#fbefed",
  "#f9e3df",
  "#f3c2bb",
  "#f0968b",
  "#e27166",
  "#d55a4e",
  "#c4473c",
  "#b3372c",
  "#a52a21",
  "#8a211a",
];

export const theme = createTheme({
  colors: { teal, gray, dark, red },
  primaryColor: "teal",
  primaryShade: { light: 8, dark: 6 },
  black: "#23211d",
  autoContrast: true,
  luminanceThreshold: 0.32,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: "620", sizes: { h1: { fontSize: "1.5rem", lineHeight: "1.25" } } },
  defaultRadius: "md",
  radius: { xs: "6px", sm: "8px", md: "10px", lg: "10px", xl: "10px" },
  shadows: {
    xs: "var(--p-shadow-low)",
    sm: "var(--p-shadow-low)",
    md: "var(--p-shadow-low)",
    lg: "var(--p-shadow-high)",
    xl: "var(--p-shadow-high)",
  },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant !== "default") return colors;
    return { ...colors, border: "1px solid var(--p-line-strong)" };
  },
  components: {
    Badge: { styles: { root: { textTransform: "none" }, label: { fontWeight: 600 } } },
    Button: { defaultProps: { size: "md" }, styles: { label: { fontWeight: 560 } } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { "aria-label": "Close", size: 44 },
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.45 },
        padding: "lg",
      },
      styles: {
        content: { backgroundColor: "var(--p-surface)" },
        header: { backgroundColor: "var(--p-surface)", paddingBottom: "8px" },
        title: { fontSize: "1.125rem", fontWeight: 620, letterSpacing: "-0.01em" },
      },
    },
    Drawer: {
      defaultProps: {
        closeButtonProps: { "aria-label": "Close", size: 44 },
        transitionProps: { duration: 140 },
      },
      styles: {
        content: { backgroundColor: "var(--p-surface)" },
        header: { backgroundColor: "var(--p-surface)", paddingBottom: "8px" },
      },
    },
    // The placeholder is a child that a menu may not have (aria-required-children).
    Menu: {
      defaultProps: {
        transitionProps: { duration: 100 },
        shadow: "lg",
        withInitialFocusPlaceholder: false,
      },
      // Mantine's own is too light in the dark for what an item says in quiet words.
      styles: { dropdown: { "--menu-item-hover": "var(--p-sunken)" } },
    },
    Popover: { defaultProps: { transitionProps: { duration: 100 }, shadow: "lg" } },
    Tooltip: { defaultProps: { transitionProps: { duration: 100 }, openDelay: 400 } },
    TextInput: { defaultProps: { size: "md" } },
    Textarea: { defaultProps: { size: "md" } },
    Select: { defaultProps: { size: "md" } },
  },
});

/** Tokens beside Mantine's own; `--p-` is ours. Each pair of text and ground meets AA (4.5:1). */
const light = {
  "--mantine-color-body": "#f7f6f3",
  "--mantine-color-dimmed": "#69645b",
  "--mantine-color-placeholder": "#716b62",
  "--mantine-color-anchor": "#0f5e5c",
  "--mantine-color-error": "#a52a21",
  "--p-surface": "#ffffff",
  "--p-sunken": "#f0eee9",
  "--p-line": "#e6e3dc",
  "--p-line-strong": "#cfcac0",
  "--p-text": "#23211d",
  "--p-quiet": "#69645b",
  "--p-accent": "#0f5e5c",
  "--p-accent-text": "#0f5e5c",
  "--p-accent-soft": "#e3efed",
  "--p-own": "#e3efed",
  "--p-danger": "#a52a21",
  "--p-danger-soft": "#f9e9e6",
  "--p-warning": "#7a4d00",
  "--p-warning-soft": "#f8eed8",
  "--p-success": "#1f6437",
  "--p-success-soft": "#e4f1e6",
  "--p-info": "#235a86",
  "--p-info-soft": "#e6eff6",
  "--p-shadow-low": "0 1px 2px rgb(35 33 29 / 0.06), 0 1px 6px rgb(35 33 29 / 0.05)",
  "--p-shadow-high": "0 8px 28px rgb(35 33 29 / 0.14), 0 2px 6px rgb(35 33 29 / 0.07)",
} as const;

const darkTokens = {
  "--mantine-color-body": "#171614",
  "--menu-item-hover": "#302e2a",
  "--mantine-color-text": "#ece9e3",
  "--mantine-color-dimmed": "#a8a299",
  "--mantine-color-placeholder": "#98928a",
  "--mantine-color-anchor": "#7cc5be",
  "--mantine-color-error": "#f0968b",
  "--p-surface": "#1f1e1b",
  "--p-sunken": "#131210",
  "--p-line": "#2f2d29",
  "--p-line-strong": "#474339",
  "--p-text": "#ece9e3",
  "--p-quiet": "#a8a299",
  "--p-accent": "#1f7b76",
  "--p-accent-text": "#7cc5be",
  "--p-accent-soft": "#1c302e",
  "--p-own": "#1e3634",
  "--p-danger": "#f0968b",
  "--p-danger-soft": "#3a211e",
  "--p-warning": "#e2b565",
  "--p-warning-soft": "#352a16",
  "--p-success": "#86c799",
  "--p-success-soft": "#1c2e21",
  "--p-info": "#8fbfe4",
  "--p-info-soft": "#1b2a36",
  "--p-shadow-low": "0 1px 2px rgb(0 0 0 / 0.4)",
  "--p-shadow-high": "0 10px 32px rgb(0 0 0 / 0.55)",
} as const;

const measures = {
  "--p-column": "46rem",
  "--p-header": "64px",
  "--p-context": "320px",
  "--p-target": "44px",
} as const;

export const tokens: CSSVariablesResolver = () => ({
  variables: measures,
  light,
  dark: darkTokens,
});
