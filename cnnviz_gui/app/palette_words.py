"""What else people call what the palette offers: it is found by these words too.

The words of an entry are separated by commas. They are never shown, so a translation names what is
said in its language, and what is said in English there.
"""

from __future__ import annotations

from typing import Final

from cnnviz_gui.texts import tr

ACTIONS: Final = {
    "open_files": tr("open image, open photo, load, import, drop, drag, browse, file"),
    "open_folder": tr("directory, open images, load folder, data set"),
    "similar_folder": tr("nearest neighbours, retrieval, search by image, embedding"),
    "new_session": tr("start over, begin anew, clear all, empty, project, workspace"),
    "open_session": tr("load, project, workspace, restore"),
    "save_session": tr("project, workspace, store"),
    "save_session_as": tr("project, workspace, store"),
    "close_picture": tr(
        "remove picture, remove image, delete picture, delete image, take off the strip"
    ),
    "close_others": tr("remove other pictures, remove images, close all, clear the strip"),
    "next_picture": tr("next image, forward"),
    "previous_picture": tr("previous image, back"),
    "save_picture": tr("save image, export image, download, png, screenshot"),
    "save_jpeg": tr("export, jpg, compress, adversarial image"),
    "save_figure": tr("export figure, pdf, svg, paper, plot, screenshot"),
    "save_array": tr("export data, numpy, npy, npz, tensor, csv"),
    "save_request": tr("export, json, reproduce, parameters"),
    "save_film": tr("gif, video, movie, film, export, mp4"),
    "save_crop": tr("export, cut out, bounding box"),
    "close_window": tr("close, exit, leave, end"),
    "undo": tr("take back, revert, step back"),
    "redo": tr("do again, repeat"),
    "paste": tr("paste image, insert, clipboard"),
    "copy_picture": tr("copy image, clipboard, screenshot"),
    "copy_request": tr("copy json, clipboard, reproduce"),
    "copy_python": tr("code, script, notebook, jupyter"),
    "copy_command": tr("command line, terminal, shell, cli"),
    "choose_target": tr("label, category, class, goal"),
    "clear_target": tr("predicted class, top class, reset the target"),
    "settings": tr("preferences, options, configuration"),
    "show_layers": tr("feature maps, activations, filters, kernels, architecture, go to, page"),
    "show_features": tr(
        "deep dream, feature visualisation, visualization, neuron, activation maximisation,"
        " optimised images, go to, page"
    ),
    "show_heatmaps": tr("saliency, attribution, explanation, attention, go to, page"),
    "show_attack": tr("adversarial example, fool, perturbation, robustness, go to, page"),
    "show_plane": tr("decision boundary, landscape, loss surface, border, go to, page"),
    "show_similar": tr("embedding, nearest neighbours, retrieval, go to, page"),
    "toggle_layout": tr("side by side, superimpose, blend, layout"),
    "toggle_link": tr("synchronise, cursor, zoom together"),
    "blink": tr("flicker, compare, difference, toggle"),
    "fit": tr("zoom, reset the zoom, whole picture, 100 %"),
    "theme_system": tr("automatic, appearance, colours"),
    "theme_light": tr("light mode, bright, white, day, appearance"),
    "theme_dark": tr("dark mode, night, black, appearance"),
    "area_wider": tr("resize panel, larger, width, size"),
    "area_narrower": tr("resize panel, smaller, width, size"),
    "area_taller": tr("resize panel, larger, height, size"),
    "area_lower": tr("resize panel, smaller, height, size"),
    "next_area": tr("focus, next panel, keyboard"),
    "previous_area": tr("focus, previous panel, keyboard"),
    "full_screen": tr("maximise, presentation"),
    "reset_layout": tr("docks, panels, windows, default, restore"),
    "notifications": tr("messages, errors, warnings, log, history"),
    "choose_network": tr("model, open network, download, weights, architecture, ResNet, VGG"),
    "open_checkpoint": tr("load weights, own model, import, pth, pt, safetensors, state dict"),
    "compare": tr("compare networks, compare models, second network, two networks"),
    "swap_networks": tr("exchange, switch networks, compare"),
    "stop_comparing": tr("close the second network, one network"),
    "search_layers": tr("find layer, filter layers, module"),
    "save_layers": tr("export layers, csv, summary, architecture"),
    "next_layer": tr("deeper, down"),
    "previous_layer": tr("up, back"),
    "recommended_layer": tr("best layer, last convolution, default layer"),
    "next_channel": tr("next feature map, next neuron"),
    "previous_channel": tr("previous feature map, previous neuron"),
    "silence_channel": tr("ablate, mute, switch off, zero, prune, neuron, dead channel"),
    "restore_channels": tr("unmute, reset channels, undo edits"),
    "compute_again": tr("refresh, reload, recompute, rerun, repeat"),
    "start": tr("run, begin, continue, resume, go"),
    "start_attack": tr("fool the network, adversarial example, run attack, perturb"),
    "epsilon_up": tr("stronger attack, larger perturbation, budget, strength"),
    "epsilon_down": tr("weaker attack, smaller perturbation, budget, strength"),
    "make_feature": tr("deep dream, feature visualisation, visualization, neuron, optimise"),
    "feature_longer": tr("feature visualisation, continue, iterations"),
    "feature_anew": tr("feature visualisation, seed, random, restart"),
    "feature_keep": tr("feature visualisation, pin, compare"),
    "feature_back": tr("feature visualisation, restore, pin"),
    "feature_sheet": tr("feature visualisation, overview, grid, all neurons"),
    "cancel": tr("stop, abort, interrupt, halt"),
    "cancel_all": tr("stop all, abort, interrupt, halt"),
    "palette": tr("command, search, launcher"),
    "open_menus": tr("menu, keyboard"),
    "show_manual": tr("help, documentation, guide, tutorial, how to"),
    "about_method": tr("help, explain, formula, paper, what is this"),
    "show_shortcuts": tr("keys, hotkeys, key bindings, help"),
    "copy_report": tr("bug, problem, issue, feedback, support"),
    "save_report": tr("bug, problem, issue, feedback, support"),
    "about": tr("version, licence, license, credits"),
}
"""Of actions, by handler."""
KINDS: Final = {
    "heatmap": tr("saliency map, attribution, explanation, method"),
    "attack": tr("adversarial, fool, perturbation, method"),
}
"""Of all methods of a kind."""
METHODS: Final = {
    "cam": tr("class activation mapping"),
    "grad-cam": tr("class activation mapping, gradient-weighted"),
    "saliency": tr("gradient, vanilla gradient, sensitivity"),
    "smoothgrad": tr("noise, gradient"),
    "integrated-gradients": tr("IG, path, axiomatic"),
    "lrp": tr("layer-wise relevance propagation"),
    "deconvnet": tr("deconvolution, transposed convolution"),
    "guided-backprop": tr("gradient, backpropagation"),
    "occlusion": tr("sliding window, mask, patch, cover, perturbation"),
    "rise": tr("random masks, black box"),
    "fgsm": tr("fast gradient sign method, one step"),
    "bim": tr("basic iterative method, I-FGSM"),
    "mi-fgsm": tr("momentum"),
    "pgd": tr("projected gradient descent"),
    "apgd": tr("AutoAttack, projected gradient descent"),
    "cw": tr("C&W, CW, smallest perturbation"),
    "deepfool": tr("smallest perturbation, minimal"),
    "boundary": tr("black box, decision-based"),
    "square": tr("black box, score-based, random search"),
}
"""Of methods, by name."""
VIEWS: Final = {
    "layers/maps": tr("feature maps, activations, channels, receptive field, neuron"),
    "layers/filters": tr("kernels, convolution, weights"),
    "layers/statistics": tr("dead channels, dead neurons, histogram, distribution, mean"),
    "layers/table": tr("receptive field, parameters, MACs, FLOPs, summary, size"),
    "heatmaps/grid": tr("compare methods, several, all methods, matrix"),
    "heatmaps/steps": tr("how Grad-CAM works, step by step, gradients"),
    "heatmaps/trust": tr(
        "sanity check, faithfulness, deletion, insertion, random weights, evaluate, noise"
    ),
    "heatmaps/folder": tr("batch, many pictures, data set"),
    "attack/picture": tr("adversarial image, perturbation, epsilon"),
    "attack/steps": tr("iterations, path, loss, step by step"),
    "attack/borders": tr("decision boundary, distance, nearest class"),
    "attack/race": tr("compare attacks, benchmark"),
    "attack/defences": tr("robust, robustness, JPEG, blur, smoothing, defense, protect"),
    "attack/folder": tr("robust accuracy, robustness, batch, data set, evaluate"),
}
"""Of the views of the pages, as ``page/view``."""
FEATURES: Final = tr("deep dream, feature visualisation, visualization, neuron, activation")
"""Of the presets of pictures of features."""
NETWORKS: Final = tr("network, model, open, download")
SECOND: Final = tr("compare, model")
DEVICES: Final = tr("GPU, CPU, CUDA, device, hardware, accelerator, graphics card")
PANELS: Final = tr("dock, side bar, hide panel, show panel, close panel, window")
RECENT: Final = tr("history, last, open again")
OPACITY: Final = tr("alpha, transparency, transparent, blend, overlay strength")
COLOUR_MAP: Final = tr(
    "colormap, color map, colours, colors, palette, jet, viridis, inferno, grey, colour bar"
)
ZOOM_IN: Final = tr("enlarge, magnify, bigger, closer")
ZOOM_OUT: Final = tr("shrink, reduce, smaller")
SAMPLES: Final = tr("example, demo, test image, photograph")
CHAPTERS: Final = tr("help, documentation, guide, tutorial, read, learn")
SETTINGS: Final = {
    "scheme": tr("dark mode, light mode, appearance, colours"),
    "high_contrast": tr("accessibility, readable, black and white, theme"),
    "language": tr("English, German, Deutsch, translation, locale"),
    "text_size": tr("font size, larger text, letters, scale, zoom, readable"),
    "reduced_motion": tr("animation, accessibility, blink"),
    "weights_folder": tr("download folder, cache, where, disk, path"),
    "offline": tr("download, internet, network access, connection"),
    "device": tr("GPU, CPU, CUDA, device, hardware, accelerator, graphics card"),
    "half_precision": tr("fp16, float16, mixed precision, speed"),
    "kept_mb": tr("RAM, cache, memory limit"),
    "clear": tr("cache, delete, free space, disk, clean up"),
    "forget": tr("history, privacy, delete, clear, recent"),
}
"""Of the settings, by name."""
